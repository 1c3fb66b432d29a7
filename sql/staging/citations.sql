-- Lignes déposées qui désignent un logement, et comment elles le désignent.
-- Source : contrat, « Dwellings ».
-- Grain : une ligne d'une table.
-- Clé : table_metier, fichier, feuille, ligne
select
    'droits' as table_metier,
    coalesce(ident_rep, '') as ident_rep,
    coalesce(ident_interne, '') as ident_interne,
    fichier,
    feuille,
    ligne
from raw.droits
where coalesce(ident_rep, ident_interne) is not null
union all
select
    'liberations' as table_metier,
    coalesce(ident_rep, '') as ident_rep,
    coalesce(ident_interne, '') as ident_interne,
    fichier,
    feuille,
    ligne
from raw.liberations
where coalesce(ident_rep, ident_interne) is not null
union all
select
    'propositions' as table_metier,
    coalesce(ident_rep, '') as ident_rep,
    coalesce(ident_interne, '') as ident_interne,
    fichier,
    feuille,
    ligne
from raw.propositions
where coalesce(ident_rep, ident_interne) is not null
union all
select
    'attributions' as table_metier,
    coalesce(ident_rep, '') as ident_rep,
    coalesce(ident_interne, '') as ident_interne,
    fichier,
    feuille,
    ligne
from raw.attributions
where coalesce(ident_rep, ident_interne) is not null
union all
select
    'exclusions' as table_metier,
    coalesce(ident_rep, '') as ident_rep,
    coalesce(ident_interne, '') as ident_interne,
    fichier,
    feuille,
    ligne
from raw.exclusions
where coalesce(ident_rep, ident_interne) is not null
