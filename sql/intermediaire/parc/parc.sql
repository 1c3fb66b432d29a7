-- Logements du bailleur présents au 1er janvier d'un millésime utile, sorties ôtées, avec leurs caractéristiques.
-- Source : contrat, « Parc ».
-- Grain : un logement et un millésime.
-- Clé : millesime, id_logement
-- Forme : vue
select
    logements_rpls.millesime,
    logements_rpls.id_logement,
    logements_rpls.id_lieu,
    logements_rpls.typologie,
    logements_rpls.financement,
    logements_rpls.qpv,
    logements_rpls.periode_construction,
    logements_rpls.accessibilite,
    logements_rpls.annee_location,
    logements_rpls.annee_bail,
    logements_rpls.mode_occupation,
    logements_rpls.typeconst,
    logements_rpls.finan,
    logements_rpls.conv,
    logements_rpls.cat_org,
    logements_rpls.miscommercial,
    lieux.code_commune_rpls,
    lieux.code_commune,
    lieux.code_departement,
    lieux.code_epci
from intermediaire.logements_rpls
inner join intermediaire.lieux on logements_rpls.id_lieu = lieux.id_lieu
where
    logements_rpls.millesime in (select millesimes.millesime from intermediaire.millesimes)
    and coalesce(logements_rpls.sortiepatrim, '') not in ('1', '2', '3', '4', '5')
