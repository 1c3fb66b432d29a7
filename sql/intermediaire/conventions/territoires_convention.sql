-- Commune, EPCI et départements du territoire d'une convention, autant que son échelle les dit.
-- Grain : une convention.
-- Clé : id_convention
with

departements_epci as (
    select
        code_epci,
        list(distinct code_departement) as departements
    from ref.communes
    where code_epci is not null
    group by code_epci
)

select
    conventions.id_convention,
    conventions.code_reservataire,
    conventions.echelle,
    if(conventions.echelle = 'commune', conventions.code_territoire, null) as code_commune,
    if(conventions.echelle = 'epci', conventions.code_territoire, communes.code_epci) as code_epci,
    case conventions.echelle
        when 'departement' then [conventions.code_territoire]
        when 'epci' then departements_epci.departements
        when 'commune' then [departement_de(conventions.code_territoire)]
    end as departements
from intermediaire.conventions
left join ref.communes on conventions.echelle = 'commune' and conventions.code_territoire = communes.code_commune
left join
    departements_epci
    on conventions.echelle = 'epci' and conventions.code_territoire = departements_epci.code_epci
