-- Lieu de chaque logement du RPLS, sorties comprises.
-- Grain : un logement et un millésime.
-- Clé : millesime, id_logement
select
    rpls.millesime,
    rpls.id_logement,
    lieux.id_lieu,
    lieux.code_commune_rpls,
    lieux.code_commune,
    lieux.code_departement,
    lieux.code_epci
from staging.rpls
inner join intermediaire.lieux
    on
        rpls.code_commune_rpls is not distinct from lieux.code_commune_rpls
        and rpls.code_departement is not distinct from lieux.code_departement
        and rpls.code_epci is not distinct from lieux.code_epci_lu
