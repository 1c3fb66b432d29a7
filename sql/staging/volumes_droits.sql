-- Volumes de droits négociés avec Action Logement et stocks d'ouverture.
-- Grain : une ligne de la table volumes_droits.
-- Clé : fichier, feuille, ligne
select
    cast(annee as integer) as annee,
    code_reservataire,
    cast(date_inventaire as date) as date_inventaire,
    cast(taux_rotation_pct as decimal(18, 6)) as taux_rotation_pct,
    cast(volume_negocie as decimal(18, 6)) as volume_negocie,
    cast(volume_negocie_npnru as decimal(18, 6)) as volume_negocie_npnru,
    cast(stock_ouverture as decimal(18, 6)) as stock_ouverture,
    fichier,
    feuille,
    ligne
from raw.volumes_droits
