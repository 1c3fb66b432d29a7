-- Logements en QPV dont l'attribution à un candidat présenté par le réservataire a échoué dans l'exercice : ils vont au
-- maire, pour des candidats au-dessus du premier quartile ; et ce qu'ils sont devenus.
-- Source : CCH L.441-1 al. 44, [004] art. 6-3.
-- Grain : un bilan, un réservataire, un logement et une date ; la commune du logement a aussi ceux des autres.
-- Clé : code_reservataire, code_titulaire, id_logement, date_caleol
with

situes as (
    select
        echecs_attribution.code_reservataire as code_titulaire,
        echecs_attribution.* exclude (code_reservataire),
        caracteristiques.commune,
        caracteristiques.qpv,
        caracteristiques.typologie,
        caracteristiques.financement
    from intermediaire.echecs_attribution
    inner join ref.exercice
        on echecs_attribution.date_caleol between exercice.date_debut and exercice.date_fin
    inner join intermediaire.caracteristiques on echecs_attribution.id_logement = caracteristiques.id_logement
    where caracteristiques.qpv <> 'hors_qpv'
),

communes as (
    select distinct
        code_reservataire,
        code_territoire
    from intermediaire.conventions
    where type_reservataire = 'commune' and echelle = 'commune'
),

par_bilan as (
    select
        code_titulaire as code_reservataire,
        situes.*
    from situes
    union
    select
        communes.code_reservataire,
        situes.*
    from situes
    inner join communes on situes.commune = communes.code_territoire
    union
    select
        bilans_ensemble.code_reservataire,
        situes.*
    from situes
    inner join intermediaire.bilans_ensemble on situes.id_logement = bilans_ensemble.id_logement
)

select
    par_bilan.code_reservataire,
    par_bilan.code_titulaire,
    coalesce(conventions.libelle, par_bilan.code_titulaire) as libelle_reservataire,
    par_bilan.id_logement,
    coalesce(communes.libelle_commune, par_bilan.commune) as libelle_commune,
    if(par_bilan.qpv = 'en_qpv', 'Oui', 'Non renseigné') as libelle_qpv,
    par_bilan.typologie,
    par_bilan.financement,
    par_bilan.date_caleol,
    par_bilan.nb_candidats,
    case par_bilan.nature_echec
        when 'non_attribution' then 'Aucun candidat retenu par la commission'
        when 'sans_reponse' then 'Sans réponse des attributaires (vaut refus)'
        else 'Refus de tous les attributaires'
    end as libelle_echec,
    coalesce(par_bilan.motif_echec, 'Non renseigné') as motif_echec,
    par_bilan.date_suite,
    case
        when par_bilan.date_suite is null then 'À mettre à disposition du maire'
        when par_bilan.quartile_suite = 'autre' then 'Attribué au-dessus du premier quartile'
        when par_bilan.quartile_suite = 'premier_quartile' then 'Attribué au premier quartile : contraire à l''al. 44'
        else 'Attribué, quartile non renseigné'
    end as suite_donnee
from par_bilan
left join intermediaire.conventions
    on par_bilan.code_titulaire = conventions.code_reservataire and conventions.numero = 1
left join ref.communes on par_bilan.commune = communes.code_commune
