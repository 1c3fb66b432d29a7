-- Termes des taux de l'année précédente, tels que les fichiers déposés les donnent : carence, attribution, refus, bail.
-- Sans aucun événement de cette année-là, rien : l'évolution n'est pas fournie.
-- Source : [002] art. 6.1 (évolution des taux).
-- Grain : un bilan et un taux.
-- Clé : code_reservataire, taux
with

annee_precedente as (
    select
        make_date(annee - 1, 1, 1) as debut,
        make_date(annee - 1, 12, 31) as fin,
        annee
    from ref.exercice
),

-- mis en location pour la première fois cette année-là : hors flux, sauf si la proposition dit le contraire
neufs as (
    select distinct rpls.id_logement
    from staging.rpls
    inner join annee_precedente
        on rpls.millesime = annee_precedente.annee and rpls.annee_location = annee_precedente.annee - 1
),

proposees as (
    select
        offres.id_offre,
        offres.code_reservataire,
        offres.id_logement,
        coalesce(offres.issue = 'carence', false) as est_carence,
        bool_or(candidatures.est_attribue) is true as est_attribuee
    from intermediaire.offres
    inner join annee_precedente
        on offres.date_mise_a_disposition between annee_precedente.debut and annee_precedente.fin
    left join neufs on offres.id_logement = neufs.id_logement
    left join intermediaire.candidatures
        on
            offres.id_offre = candidatures.id_offre
            and candidatures.categorie = 'droit_commun'
            and annee_precedente.fin >= candidatures.date_caleol
    where not offres.est_annulee and not coalesce(offres.premiere_location, neufs.id_logement is not null)
    group by offres.id_offre, offres.code_reservataire, offres.id_logement, offres.issue
),

attribuees as (
    select
        candidatures.code_reservataire,
        candidatures.id_logement,
        candidatures.date_caleol,
        count(*) filter (where candidatures.reponse_candidat in ('refuse', 'sans_reponse')) as nb_refus,
        count(candidatures.reponse_candidat) as nb_reponses,
        coalesce(bool_or(candidatures.date_signature_bail <= annee_precedente.fin), false) as est_louee
    from intermediaire.candidatures
    inner join annee_precedente on candidatures.date_caleol between annee_precedente.debut and annee_precedente.fin
    left join neufs on candidatures.id_logement = neufs.id_logement
    where candidatures.est_dans_flux and neufs.id_logement is null
    group by candidatures.code_reservataire, candidatures.id_logement, candidatures.date_caleol
),

offres_bilans as (
    select
        code_reservataire,
        est_carence,
        est_attribuee
    from proposees
    union all
    select
        bilans_ensemble.code_reservataire,
        proposees.est_carence,
        proposees.est_attribuee
    from proposees
    inner join intermediaire.bilans_ensemble on proposees.id_logement = bilans_ensemble.id_logement
),

-- pour un ensemble, un logement et une date sont une seule attribution
attributions_bilans as (
    select
        code_reservataire,
        nb_refus,
        nb_reponses,
        est_louee
    from attribuees
    where code_reservataire is not null
    union all
    select
        bilans_ensemble.code_reservataire,
        sum(attribuees.nb_refus) as nb_refus,
        sum(attribuees.nb_reponses) as nb_reponses,
        bool_or(attribuees.est_louee) as est_louee
    from attribuees
    inner join intermediaire.bilans_ensemble on attribuees.id_logement = bilans_ensemble.id_logement
    group by bilans_ensemble.code_reservataire, attribuees.id_logement, attribuees.date_caleol
)

select
    code_reservataire,
    unnest(['carence', 'attribution']) as taux,
    unnest([count(*) filter (where est_carence), count(*) filter (where est_attribuee)]) as numerateur,
    count(*) as denominateur
from offres_bilans
group by code_reservataire
union all
select
    code_reservataire,
    unnest(['refus', 'bail']) as taux,
    unnest([cast(sum(nb_refus) as bigint), count(*) filter (where est_louee)]) as numerateur,
    unnest([cast(sum(nb_reponses) as bigint), count(*)]) as denominateur
from attributions_bilans
group by code_reservataire
