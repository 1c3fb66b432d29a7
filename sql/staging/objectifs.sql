-- Objectifs annoncés, repris du flux de l'exercice précédent quand la table objectifs ne les donne pas.
-- Grain : une ligne d'objectif.
-- Clé : fichier, feuille, ligne
select
    cast(annee as integer) as annee,
    code_reservataire,
    cast(flux_reservataire as decimal(18, 6)) as flux_reservataire,
    cast(taux_rotation_pct as decimal(18, 6)) as taux_rotation_pct,
    cast(coalesce(report_anterieur, '0') as decimal(18, 6)) as report_anterieur,
    coalesce(ecart_justifie = 'true', false) as est_ecart_justifie,
    fichier,
    feuille,
    ligne
from raw.objectifs
