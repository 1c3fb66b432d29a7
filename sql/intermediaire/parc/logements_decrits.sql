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

ranges as (
    select
        rpls.*,
        lieux.code_commune,
        lieux.code_epci as code_epci_logement,
        row_number() over (
            partition by rpls.id_logement
            order by rpls.millesime = exercice.annee desc, rpls.millesime desc
        ) as numero
    from staging.rpls
    cross join ref.exercice
    inner join
        intermediaire.logements_rpls
        on rpls.millesime = logements_rpls.millesime and rpls.id_logement = logements_rpls.id_logement
    inner join intermediaire.lieux on logements_rpls.id_lieu = lieux.id_lieu
    where rpls.millesime in (select millesimes.millesime from intermediaire.millesimes)
)

select
    ranges.id_logement,
    ranges.millesime,
    ranges.ident_rep,
    ranges.ident_interne,
    ranges.programme,
    ranges.code_commune,
    communes.code_commune_actuelle,
    departements.libelle_departement,
    epcis.libelle_epci,
    communes.libelle_commune,
    case ranges.qpv when '1' then 'Oui' when '2' then 'Non' end as libelle_qpv,
    typologies.modalite as libelle_typologie,
    split_part(financements.libelle, ' (', 1) as libelle_financement,
    case ranges.typeconst when 'C' then 'Collectif' when 'I' then 'Individuel' when 'E' then 'Étudiant' end
        as libelle_construction,
    case ranges.typeconst when 'C' then 'collectif' when 'I' then 'individuel' end as collectif_individuel
from ranges
left join ref.communes on ranges.code_commune = communes.code_commune
left join ref.departements on ranges.code_departement = departements.code_departement
left join epcis on ranges.code_epci_logement = epcis.code_epci
left join ref.codes_rpls as typologies on ranges.nbpiece = typologies.code and typologies.dimension = 'typologie'
left join ref.codes_rpls as financements on ranges.finan = financements.code and financements.dimension = 'financement'
where ranges.numero = 1
