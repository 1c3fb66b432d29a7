-- Publics prioritaires (DALO et L.441-1) et ménages du premier quartile présentés, attribués et logés dans l'exercice,
-- toutes catégories comprises.
-- Source : [002] art. 6.2, [004] art. 9.
-- Grain : un bilan, une dimension et une modalité.
-- Clé : code_reservataire, dimension, modalite
with

situes as (
    select
        actes_caleol.code_reservataire,
        actes_caleol.acte,
        actes_caleol.public,
        actes_caleol.est_premier_quartile,
        modalites_logement.dimension,
        modalites_logement.modalite
    from intermediaire.actes_caleol
    inner join intermediaire.modalites_logement on actes_caleol.id_logement = modalites_logement.id_logement
    where modalites_logement.dimension in ('total', 'typologie', 'financement', 'qpv', 'commune', 'accessibilite')
    union all
    select
        code_reservataire,
        acte,
        public,
        est_premier_quartile,
        'public' as dimension,
        public as modalite
    from intermediaire.actes_caleol
    union all
    select
        code_reservataire,
        acte,
        public,
        est_premier_quartile,
        'quartile' as dimension,
        case est_premier_quartile when true then 'premier_quartile' when false then 'autre' else 'non_renseigne' end
            as modalite
    from intermediaire.actes_caleol
    union all
    select
        code_reservataire,
        acte,
        public,
        est_premier_quartile,
        'motif_priorite' as dimension,
        coalesce(motif_priorite, 'Non renseigné') as modalite
    from intermediaire.actes_caleol
    where public in ('dalo', 'prioritaire')
),

comptes as (
    select
        code_reservataire,
        dimension,
        modalite,
        count(*) filter (where acte = 'presentation' and public in ('dalo', 'prioritaire')) as presentes,
        count(*) filter (where acte = 'presentation') as presentes_ensemble,
        count(*) filter (where acte = 'attribution' and public in ('dalo', 'prioritaire')) as attribues,
        count(*) filter (where acte = 'attribution') as attribues_ensemble,
        count(*) filter (where acte = 'attribution' and public = 'non_renseigne') as attribues_inconnus,
        count(*) filter (where acte = 'bail' and public in ('dalo', 'prioritaire')) as baux_prioritaires,
        count(*) filter (where acte = 'bail') as baux_ensemble,
        count(*) filter (where acte = 'attribution' and est_premier_quartile) as attribues_premier_quartile,
        count(*) filter (where acte = 'attribution' and est_premier_quartile is null) as attribues_quartile_inconnu,
        count(*) filter (where acte = 'bail' and est_premier_quartile) as baux_premier_quartile
    from situes
    group by code_reservataire, dimension, modalite
    union all
    select
        code_reservataire,
        'total' as dimension,
        'total' as modalite,
        0 as presentes,
        0 as presentes_ensemble,
        0 as attribues,
        0 as attribues_ensemble,
        0 as attribues_inconnus,
        0 as baux_prioritaires,
        0 as baux_ensemble,
        0 as attribues_premier_quartile,
        0 as attribues_quartile_inconnu,
        0 as baux_premier_quartile
    from bilan.entetes
    inner join ref.tables_fournies on tables_fournies.table_metier = 'attributions' and tables_fournies.est_fournie
    where code_reservataire not in (select actes_caleol.code_reservataire from intermediaire.actes_caleol)
)

select
    comptes.code_reservataire,
    comptes.dimension,
    dimensions.libelle as libelle_dimension,
    comptes.modalite,
    coalesce(libelles_modalites.libelle_modalite, comptes.modalite) as libelle_modalite,
    100 * dimensions.ordre + coalesce(libelles_modalites.ordre, 50) as ordre,
    comptes.presentes,
    comptes.presentes_ensemble,
    comptes.attribues,
    comptes.attribues_ensemble,
    comptes.attribues_inconnus,
    part_pct(comptes.attribues, comptes.attribues_ensemble) as attribues_pct,
    comptes.baux_prioritaires,
    comptes.baux_ensemble,
    part_pct(comptes.baux_prioritaires, comptes.baux_ensemble) as baux_prioritaires_pct,
    comptes.attribues_premier_quartile,
    comptes.attribues_quartile_inconnu,
    part_pct(comptes.attribues_premier_quartile, comptes.attribues_ensemble) as attribues_premier_quartile_pct,
    comptes.baux_premier_quartile
from comptes
inner join ref.dimensions on comptes.dimension = dimensions.dimension
left join intermediaire.libelles_modalites
    on comptes.dimension = libelles_modalites.dimension and comptes.modalite = libelles_modalites.modalite
