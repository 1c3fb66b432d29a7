-- Conventions plafonnées qui tiennent le même territoire : les parts y sont les mêmes, comptées une fois pour toutes.
-- Source : CCH R.441-5-2 et R.441-5-3.
-- Grain : une convention.
-- Clé : id_convention
with

tenus as (
    select
        id_convention,
        famille,
        list((id_lieu, nb_soumis) order by id_lieu) as lieux_tenus,
        sum(nb_soumis) as nb_soumis
    from intermediaire.lieux_plafonnes
    group by id_convention, famille
)

select
    id_convention,
    famille,
    min(id_convention) over (partition by famille, lieux_tenus) as id_convention_type,
    nb_soumis
from tenus
