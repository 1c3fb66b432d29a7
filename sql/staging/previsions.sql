-- Soustractions prévues.
-- Grain : une ligne de la table previsions.
-- Clé : fichier, feuille, ligne
select
    cast(annee as integer) as annee,
    categorie,
    cast(nombre as decimal(18, 6)) as nombre,
    echelle,
    if(echelle = 'bailleur', '', coalesce(code_territoire, '')) as code_territoire,
    code_operation,
    accord_prefet,
    fichier,
    feuille,
    ligne
from raw.previsions
