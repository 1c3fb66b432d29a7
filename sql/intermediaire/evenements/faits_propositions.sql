-- Mises à disposition de l'exercice, premières locations à part, annulations ôtées.
-- Source : contrat, « Events ».
-- Grain : un bilan et une proposition.
-- Clé : code_reservataire, fichier, feuille, ligne
with

comptees as (
    select propositions.*
    from staging.propositions
    inner join ref.exercice on propositions.date_mise_a_disposition between exercice.date_debut and exercice.date_fin
    where coalesce(propositions.issue, '') <> 'annulation'
),

par_bilan as (
    select
        unnest([
            comptees.code_reservataire, '_bailleur', 'epci_' || nullif(caracteristiques.epci, 'non_renseigne')
        ]) as code_bilan,
        comptees.*
    from comptees
    inner join intermediaire.caracteristiques on comptees.id_logement = caracteristiques.id_logement
)

select
    code_bilan as code_reservataire,
    if(est_premiere_location, 'premieres_locations', 'mises_a_disposition') as mesure,
    id_logement,
    date_mise_a_disposition as date_evenement,
    'non_renseigne' as public,
    fichier,
    feuille,
    ligne
from par_bilan
where code_bilan is not null
