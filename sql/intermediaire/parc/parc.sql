-- Logements du bailleur présents au 1er janvier d'un millésime utile, sorties ôtées, avec leurs caractéristiques.
-- Source : contrat, « Parc ».
-- Grain : un logement et un millésime.
-- Clé : millesime, id_logement
select
    rpls.millesime,
    rpls.id_logement,
    lieux.id_lieu,
    lieux.code_commune_rpls,
    lieux.code_commune,
    lieux.code_departement,
    lieux.code_epci,
    coalesce(typologies.modalite, 'non_renseigne') as typologie,
    coalesce(financements.modalite, 'non_renseigne') as financement,
    coalesce(qpvs.modalite, 'non_renseigne') as qpv,
    coalesce(periodes_construction.periode_construction, 'non_renseigne') as periode_construction,
    coalesce(accessibilites.modalite, 'non_renseigne') as accessibilite,
    rpls.annee_location,
    rpls.annee_bail,
    rpls.mode_occupation,
    rpls.fichier,
    rpls.feuille,
    rpls.ligne
from staging.rpls
inner join intermediaire.lieux
    on
        rpls.code_commune_rpls is not distinct from lieux.code_commune_rpls
        and rpls.code_departement is not distinct from lieux.code_departement
        and rpls.code_epci is not distinct from lieux.code_epci_lu
left join ref.codes_rpls as typologies on rpls.nbpiece = typologies.code and typologies.dimension = 'typologie'
left join ref.codes_rpls as financements on rpls.finan = financements.code and financements.dimension = 'financement'
left join ref.codes_rpls as qpvs on rpls.qpv = qpvs.code and qpvs.dimension = 'qpv'
left join ref.codes_rpls as accessibilites
    on rpls.pmr = accessibilites.code and accessibilites.dimension = 'accessibilite'
left join ref.periodes_construction
    on rpls.annee_construction between periodes_construction.annee_min and periodes_construction.annee_max
where
    rpls.millesime in (select millesimes.millesime from intermediaire.millesimes)
    and coalesce(rpls.sortiepatrim, '') not in ('1', '2', '3', '4', '5')
