-- Options de chaque convention, celles qu'elle prend et celles qu'elle ne prend pas, en mots et avec la source.
-- Source : note de domaine, section 10.
-- Grain : une convention et une option.
-- Clé : id_convention, option
with

prises as (
    select
        conventions.id_convention,
        conventions.code_reservataire,
        conventions.numero,
        options.*,
        list_contains(conventions.options, options.option) as est_prise
    from intermediaire.conventions
    cross join ref.options
    where options.type_reservataire is null or conventions.type_reservataire = options.type_reservataire
)

select
    id_convention,
    code_reservataire,
    numero,
    option,
    20 + ordre as rang,
    rubrique,
    est_prise,
    if(est_prise, regle_avec || ' (option ' || option || ')', regle_sans) as regle,
    if(est_prise, source_avec, source_sans) as source
from prises
where est_prise or regle_sans is not null
