-- Libérations de l'exercice de chaque bilan : du parc soumis au 1er janvier N, et les autres hors flux.
-- Source : contrat, « Releases ».
-- Grain : un bilan, un logement et une date.
-- Clé : code_reservataire, id_logement, date_evenement
with

de_l_exercice as (
    select liberations_uniques.*
    from intermediaire.liberations_uniques
    inner join ref.exercice on liberations_uniques.date_liberation between exercice.date_debut and exercice.date_fin
),

soumis as (
    select
        perimetres.code_reservataire,
        perimetres.id_logement
    from intermediaire.perimetres
    semi join de_l_exercice on perimetres.id_logement = de_l_exercice.id_logement
    where perimetres.est_soumis and perimetres.usage = 'bilan'
),

situees as (
    select distinct
        bilans.code_reservataire,
        de_l_exercice.id_logement,
        de_l_exercice.date_liberation,
        de_l_exercice.fichier,
        de_l_exercice.feuille,
        de_l_exercice.ligne
    from de_l_exercice
    inner join intermediaire.territoires_logement on de_l_exercice.id_logement = territoires_logement.id_logement
    inner join intermediaire.bilans using (echelle, code_territoire)
)

select
    situees.code_reservataire,
    if(soumis.id_logement is not null, 'liberations', 'liberations_hors_flux') as mesure,
    situees.id_logement,
    situees.date_liberation as date_evenement,
    'non_renseigne' as public,
    'non_renseigne' as quartile,
    situees.fichier,
    situees.feuille,
    situees.ligne
from situees
left join soumis on situees.code_reservataire = soumis.code_reservataire and situees.id_logement = soumis.id_logement
