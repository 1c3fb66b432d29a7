-- Communes dont le nom est unique dans leur département.
-- Grain : un nom et un département.
-- Clé : nom, code_departement
select
    nom_normalise(communes.libelle_commune) as nom,
    communes.code_departement,
    nom_normalise(any_value(departements.libelle_departement)) as nom_departement,
    any_value(communes.code_commune) as code_commune,
    any_value(communes.code_epci) as code_epci
from ref.communes
left join ref.departements on communes.code_departement = departements.code_departement
where communes.code_commune = communes.code_commune_actuelle
group by nom_normalise(communes.libelle_commune), communes.code_departement
having count(*) = 1
