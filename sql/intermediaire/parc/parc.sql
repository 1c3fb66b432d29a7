-- Logements du bailleur présents au 1er janvier d'un millésime utile, sorties ôtées.
-- Source : contrat, « Parc ».
-- Grain : un logement et un millésime.
-- Clé : millesime, id_logement
select
    rpls.millesime,
    rpls.id_logement,
    localisation.id_lieu,
    localisation.code_commune_rpls,
    localisation.code_commune,
    localisation.code_departement,
    localisation.code_epci,
    rpls.annee_location,
    rpls.annee_bail,
    rpls.mode_occupation,
    rpls.fichier,
    rpls.feuille,
    rpls.ligne
from staging.rpls
inner join
    intermediaire.localisation
    on rpls.millesime = localisation.millesime and rpls.id_logement = localisation.id_logement
where
    rpls.millesime in (select millesimes.millesime from intermediaire.millesimes)
    and coalesce(rpls.sortiepatrim, '') not in ('1', '2', '3', '4', '5')
