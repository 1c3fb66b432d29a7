-- Attributions, refus, baux, premières locations attribuées et attributions hors flux de l'exercice. Un événement
-- (un logement, une date) est celui du candidat retenu parmi ceux que le bilan compte.
-- Source : contrat, « Events » et « One event, one réservataire ».
-- Grain : un bilan, une mesure, un logement et une date ; un candidat pour les refus.
-- Clé : code_reservataire, mesure, id_logement, date_evenement, id_refus
with

mesures as (
    select
        unnest(if(
            est_premiere_location,
            ['premieres_locations_attribuees', 'attribues'],
            if(
                reponse_candidat in ('refuse', 'sans_reponse'),
                ['attributions', 'attribues', 'refus'],
                ['attributions', 'attribues']
            )
        )) as mesure,
        date_caleol as date_evenement,
        candidatures.*
    from intermediaire.candidatures
    where est_attribue_droit_commun
    union all
    select
        if(est_premier_bail, 'premieres_locations_baux', 'baux_signes') as mesure,
        date_signature_bail as date_evenement,
        candidatures.*
    from intermediaire.candidatures
    where est_attribue_droit_commun and date_signature_bail is not null
    union all
    select
        coalesce(categories.mesure, 'attributions_injonction') as mesure,
        candidatures.date_caleol as date_evenement,
        candidatures.*
    from intermediaire.candidatures
    left join ref.categories on candidatures.categorie = categories.categorie
    where candidatures.est_attribue and not candidatures.est_attribue_droit_commun
),

de_l_exercice as (
    select
        mesures.*,
        if(mesures.mesure = 'refus', mesures.id_ligne, 0) as id_refus
    from mesures
    inner join ref.exercice on mesures.date_evenement between exercice.date_debut and exercice.date_fin
),

par_bilan as (
    select
        code_reservataire as code_bilan,
        de_l_exercice.*
    from de_l_exercice
    where code_reservataire is not null
    union all
    select
        bilans_ensemble.code_reservataire as code_bilan,
        de_l_exercice.*
    from de_l_exercice
    inner join intermediaire.bilans_ensemble on de_l_exercice.id_logement = bilans_ensemble.id_logement
)

select
    code_bilan as code_reservataire,
    mesure,
    id_logement,
    date_evenement,
    id_refus,
    code_reservataire as reservataire,
    public,
    quartile,
    fichier,
    feuille,
    ligne
from par_bilan
qualify row_number() over (
    partition by code_bilan, mesure, id_logement, date_evenement, id_refus order by priorite
) = 1
