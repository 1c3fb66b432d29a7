-- Commune, département et EPCI de chaque logement du RPLS, arrondissements ramenés à leur commune.
-- Grain : un logement et un millésime.
-- Clé : millesime, id_logement
select
    rpls.millesime,
    rpls.id_logement,
    rpls.code_commune_rpls,
    coalesce(arrondissements.code_commune, rpls.code_commune_rpls) as code_commune,
    rpls.code_departement,
    coalesce(rpls.code_epci, communes.code_epci) as code_epci
from staging.rpls
left join ref.communes on rpls.code_commune_rpls = communes.code_commune
left join ref.arrondissements on rpls.code_commune_rpls = arrondissements.code_arrondissement
