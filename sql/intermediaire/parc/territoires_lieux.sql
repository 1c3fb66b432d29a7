-- Territoires de chaque lieu, du plus étroit au plus large : sa commune d'aujourd'hui, son EPT, son EPCI, son
-- département, le bailleur entier.
-- Grain : un lieu et un territoire.
-- Clé : id_lieu, echelle
with

territoires as (
    select
        id_lieu,
        unnest(['commune', 'ept', 'epci', 'departement', 'bailleur']) as echelle,
        unnest([code_commune, code_ept, code_epci, code_departement, '']) as code_territoire
    from intermediaire.lieux
)

select
    id_lieu,
    echelle,
    code_territoire
from territoires
where code_territoire is not null
