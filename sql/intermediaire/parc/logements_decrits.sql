-- Description en clair de chaque logement du RPLS, sorties comprises : millésime N, à défaut N+1, à défaut
-- celui de l'état précédent.
-- Grain : un logement.
-- Clé : id_logement
with

epcis as (
    select
        code_epci,
        min(libelle_epci) as libelle_epci
    from ref.communes
    where code_epci is not null
    group by code_epci
),

choisis as (
    select
        logements_rpls.id_logement,
        coalesce(
            max(logements_rpls.millesime) filter (logements_rpls.millesime = exercice.annee),
            max(logements_rpls.millesime)
        ) as millesime
    from intermediaire.logements_rpls
    cross join ref.exercice
    where logements_rpls.millesime in (select millesimes.millesime from intermediaire.millesimes)
    group by logements_rpls.id_logement
),

decrits as (
    select
        rpls.*,
        lieux.code_commune,
        lieux.code_epci as code_epci_logement
    from choisis
    inner join
        intermediaire.logements_rpls
        on choisis.millesime = logements_rpls.millesime and choisis.id_logement = logements_rpls.id_logement
    inner join staging.rpls on choisis.millesime = rpls.millesime and choisis.id_logement = rpls.id_logement
    inner join intermediaire.lieux on logements_rpls.id_lieu = lieux.id_lieu
)

select
    decrits.id_logement,
    decrits.millesime,
    decrits.ident_rep,
    decrits.ident_interne,
    decrits.programme,
    decrits.code_commune,
    communes.code_commune_actuelle,
    departements.libelle_departement,
    epcis.libelle_epci,
    communes.libelle_commune,
    case decrits.qpv when '1' then 'Oui' when '2' then 'Non' end as libelle_qpv,
    typologies.modalite as libelle_typologie,
    split_part(financements.libelle, ' (', 1) as libelle_financement,
    case decrits.typeconst when 'C' then 'Collectif' when 'I' then 'Individuel' when 'E' then 'Étudiant' end
        as libelle_construction,
    case decrits.typeconst when 'C' then 'collectif' when 'I' then 'individuel' end as collectif_individuel
from decrits
left join ref.communes on decrits.code_commune = communes.code_commune
left join ref.departements on decrits.code_departement = departements.code_departement
left join epcis on decrits.code_epci_logement = epcis.code_epci
left join ref.codes_rpls as typologies on decrits.nbpiece = typologies.code and typologies.dimension = 'typologie'
left join ref.codes_rpls as financements on decrits.finan = financements.code and financements.dimension = 'financement'
