-- Repère (ident_rep) des logements d'un millésime qui ne le donne pas : celui de l'autre millésime, par la référence
-- interne, quand elle ne va qu'à un seul.
-- Grain : une référence interne.
-- Clé : ident_int
with sans_repere as (
    select distinct ident_int
    from raw.rpls
    where ident_rep is null and ident_int is not null
)

select
    rpls.ident_int,
    min(rpls.ident_rep) as ident_rep
from raw.rpls
inner join sans_repere on rpls.ident_int = sans_repere.ident_int
group by rpls.ident_int
having count(distinct rpls.ident_rep) = 1
