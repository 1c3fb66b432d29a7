-- Logements du bailleur présents au 1er janvier d'un millésime utile, sorties ôtées, avec leurs caractéristiques.
-- Source : contrat, « Parc ».
-- Grain : un logement et un millésime.
-- Clé : millesime, id_logement
-- Forme : vue
select
    logements_rpls.* exclude (sortiepatrim),
    lieux.code_commune_rpls,
    lieux.code_commune,
    lieux.code_departement,
    lieux.code_epci
from intermediaire.logements_rpls
inner join intermediaire.lieux on logements_rpls.id_lieu = lieux.id_lieu
where
    logements_rpls.millesime in (select millesimes.millesime from intermediaire.millesimes)
    and coalesce(logements_rpls.sortiepatrim, '') not in ('1', '2', '3', '4', '5')
