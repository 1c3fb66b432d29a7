-- Adresse, selon le RPLS, des logements des propositions et des attributions.
-- Grain : un logement et un millésime.
-- Clé : fichier, feuille, ligne
select
    cast(millesime as integer) as millesime,
    concat_ws(
        ', ',
        nullif(concat_ws(' ', numvoie, typvoie, nomvoie), ''),
        nullif(concat_ws(' ', codepostal, libcom), '')
    ) as adresse,
    fichier,
    feuille,
    ligne
from raw.rpls
where
    ident_rep in (select ident_rep from raw.attributions)
    or ident_int in (select ident_interne from raw.attributions)
    or ident_rep in (select ident_rep from raw.propositions)
    or ident_int in (select ident_interne from raw.propositions)
