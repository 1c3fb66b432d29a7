-- Logements du RPLS, sorties comprises : leur lieu, leurs caractéristiques, et ce qui décide des exclusions.
-- Source : contrat, « Perimeter », « Characteristics », « Exclusions ».
-- Grain : un logement et un millésime.
-- Clé : millesime, id_logement
with

annees as (
    select
        periode_construction,
        unnest(generate_series(cast(annee_min as integer), cast(annee_max as integer))) as annee_construction
    from ref.periodes_construction
)

select
    rpls.millesime,
    rpls.id_logement,
    rpls.programme,
    lieux.id_lieu,
    coalesce(typologies.modalite, 'non_renseigne') as typologie,
    coalesce(financements.modalite, 'non_renseigne') as financement,
    coalesce(qpvs.modalite, 'non_renseigne') as qpv,
    coalesce(annees.periode_construction, 'non_renseigne') as periode_construction,
    coalesce(accessibilites.modalite, 'non_renseigne') as accessibilite,
    rpls.annee_location,
    rpls.annee_bail,
    rpls.mode_occupation,
    rpls.typeconst,
    rpls.finan,
    rpls.conv,
    rpls.cat_org,
    rpls.miscommercial,
    rpls.sortiepatrim
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
left join annees on rpls.annee_construction = annees.annee_construction
