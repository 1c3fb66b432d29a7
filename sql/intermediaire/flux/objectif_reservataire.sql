-- Objectif de l'exercice de chaque réservataire : flux annoncé pour N, plus le report antérieur si la
-- convention le prévoit.
-- Grain : un réservataire.
-- Clé : code_reservataire
with

annonces as (
    select
        objectifs.code_reservataire,
        sum(objectifs.flux_reservataire) as flux_reservataire,
        sum(objectifs.report_anterieur) as report_anterieur,
        any_value(objectifs.taux_rotation_pct) as taux_rotation_annonce_pct,
        bool_or(objectifs.est_ecart_justifie) as est_ecart_justifie
    from staging.objectifs
    inner join ref.exercice on objectifs.annee = exercice.annee
    group by objectifs.code_reservataire
)

select
    annonces.code_reservataire,
    annonces.flux_reservataire,
    annonces.report_anterieur,
    annonces.taux_rotation_annonce_pct,
    annonces.est_ecart_justifie,
    conventions.report_n1,
    annonces.flux_reservataire + if(conventions.report_n1, annonces.report_anterieur, 0) as objectif
from annonces
inner join
    intermediaire.conventions
    on annonces.code_reservataire = conventions.code_reservataire and conventions.numero = 1
