-- Objectif de l'exercice de chaque réservataire : flux annoncé pour N, plus le report antérieur si la convention du
-- 1er janvier N le prévoit ; aucun pour la défense, la sécurité intérieure et la santé.
-- Source : contrat, « objectif ».
-- Grain : un réservataire.
-- Clé : code_reservataire
with

annonces as (
    select
        objectifs.code_reservataire,
        sum(objectifs.flux_reservataire) as flux_reservataire,
        sum(objectifs.report_anterieur) as report_anterieur,
        max(objectifs.taux_rotation_pct) as taux_rotation_annonce_pct,
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
inner join intermediaire.conventions_en_vigueur as en_vigueur
    on
        annonces.code_reservataire = en_vigueur.code_reservataire
        and en_vigueur.usage = 'bilan'
        and en_vigueur.numero = 1
inner join intermediaire.conventions_datees as conventions on en_vigueur.id_convention = conventions.id_convention
inner join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
where types_reservataire.sans_objectif = 'non'
