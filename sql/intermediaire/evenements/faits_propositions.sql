-- Propositions de l'exercice, annulations ôtées : mises à disposition, premières locations à part, et les deux
-- ensemble (logements proposés au sens de R.441-5-1).
-- Source : contrat, « Events ».
-- Grain : un bilan, une mesure et une proposition.
-- Clé : code_reservataire, mesure, id_offre
with

comptees as (
    select offres.*
    from intermediaire.offres
    inner join ref.exercice on offres.date_mise_a_disposition between exercice.date_debut and exercice.date_fin
    where not offres.est_annulee
),

par_bilan as (
    select
        code_reservataire as code_bilan,
        comptees.*
    from comptees
    union all
    select
        bilans_ensemble.code_reservataire as code_bilan,
        comptees.*
    from comptees
    inner join intermediaire.bilans_ensemble on comptees.id_logement = bilans_ensemble.id_logement
)

select
    code_bilan as code_reservataire,
    unnest([if(est_premiere_location, 'premieres_locations', 'mises_a_disposition'), 'proposes']) as mesure,
    id_offre,
    id_logement,
    date_mise_a_disposition as date_evenement,
    code_reservataire as reservataire,
    'non_renseigne' as public,
    'non_renseigne' as quartile,
    fichier,
    feuille,
    ligne
from par_bilan
