-- Dates des événements, comme les fichiers les donnent.
-- Grain : une cellule de fichier.
-- Clé : fichier, feuille, ligne, colonne
-- Forme : vue
select
    'liberations' as table_metier,
    'date_liberation' as colonne,
    date_liberation as jour,
    '' as code_reservataire,
    fichier,
    feuille,
    ligne
from staging.liberations
where date_liberation is not null
union all
select
    'propositions' as table_metier,
    'date_mise_a_disposition' as colonne,
    date_mise_a_disposition as jour,
    coalesce(code_reservataire, '') as code_reservataire,
    fichier,
    feuille,
    ligne
from staging.propositions
where date_mise_a_disposition is not null
union all
select
    'attributions' as table_metier,
    unnest(['date_caleol', 'date_signature_bail']) as colonne,
    unnest([date_caleol, date_signature_bail]) as jour,
    coalesce(code_reservataire, '') as code_reservataire,
    fichier,
    feuille,
    ligne
from staging.attributions
