-- Référence interne d'un logement → logement.
-- Grain : une référence interne.
-- Clé : ident_interne
with

references_internes as (
    select
        ident_interne,
        id_logement,
        1 + abs(millesime - annee) as rang
    from staging.rpls
    cross join ref.exercice
    union all
    select
        ident_interne,
        ident_rep as id_logement,
        9 as rang
    from raw.droits
    where ident_rep is not null
)

select
    ident_interne,
    arg_min(id_logement, (rang, id_logement)) as id_logement
from references_internes
where ident_interne is not null
group by ident_interne
