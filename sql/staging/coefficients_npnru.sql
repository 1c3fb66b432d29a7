-- Coefficients de conversion et plafonds des droits NPNRU (règlement général de l'ANRU).
-- Grain : une ligne de la table coefficients_npnru.
-- Clé : fichier, feuille, ligne
select
    zone_npnru,
    categorie_npnru,
    cast(coefficient as decimal(18, 6)) as coefficient,
    cast(plafond_pct as decimal(18, 6)) as plafond_pct,
    cast(nb_logements as integer) as nb_logements,
    fichier,
    feuille,
    ligne
from raw.coefficients_npnru
