-- Demandes enregistrées par EPCI, plafond et typologie.
-- Grain : une ligne de la table demandes.
-- Clé : fichier, feuille, ligne
select
    epci,
    plafond,
    typologie,
    cast(nombre as integer) as nombre,
    fichier,
    feuille,
    ligne
from raw.demandes
