-- Territoires où se trouve chaque logement connu, d'après ses caractéristiques.
-- Grain : un logement et un territoire.
-- Clé : id_logement, echelle, code_territoire
with

territoires as (
    select
        id_logement,
        unnest(['bailleur', 'departement', 'epci', 'commune', 'commune']) as echelle,
        unnest(['', code_departement, epci, commune, code_commune_rpls]) as code_territoire
    from intermediaire.caracteristiques
)

select distinct
    id_logement,
    echelle,
    code_territoire
from territoires
where code_territoire is not null and code_territoire <> 'non_renseigne'
