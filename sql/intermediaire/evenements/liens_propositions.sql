-- Proposition de chaque décision : celle qu'elle cite, à défaut la dernière du même logement et du même
-- réservataire, faite ce jour ou avant, quelle qu'en soit l'issue ; aucune quand deux sont aussi proches.
-- Source : contrat, « Link ».
-- Grain : une décision sur un candidat qui a une proposition, ou plusieurs aussi proches.
-- Clé : id_ligne
with

citees as (
    select
        id_proposition,
        if(count(*) = 1, min(id_offre), null) as id_offre,
        count(*) as nb_offres
    from intermediaire.offres
    where id_proposition is not null
    group by id_proposition
),

anterieures as (
    select
        attributions.id_ligne,
        offres.id_offre,
        offres.date_mise_a_disposition,
        max(offres.date_mise_a_disposition) over (partition by attributions.id_ligne) as derniere_date
    from staging.attributions
    inner join intermediaire.offres
        on
            attributions.id_logement = offres.id_logement
            and attributions.code_reservataire = offres.code_reservataire
            and attributions.date_caleol >= offres.date_mise_a_disposition
    where attributions.id_proposition is null
)

select
    attributions.id_ligne,
    citees.id_offre,
    false as est_deduit,
    citees.nb_offres
from staging.attributions
inner join citees on attributions.id_proposition = citees.id_proposition
union all
select
    id_ligne,
    if(count(*) = 1, min(id_offre), null) as id_offre,
    true as est_deduit,
    count(*) as nb_offres
from anterieures
where date_mise_a_disposition = derniere_date
group by id_ligne
