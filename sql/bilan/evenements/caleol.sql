-- Indicateurs de la commission d'attribution (CALEOL) : dossiers, décisions, refus par motif, baux, priorité.
-- Source : [003] art. 5.
-- Grain : un bilan, une rubrique et une modalité.
-- Clé : code_reservataire, rubrique, modalite
with

dossiers as (
    select
        candidats_bilan.code_reservataire,
        candidats_bilan.est_droit_commun,
        unnest([
            'dossiers',
            'decision',
            'motif_commission',
            'reponse',
            'motif_menage',
            'dalo',
            'prioritaire',
            'motif_priorite'
        ]) as rubrique,
        unnest([
            'total',
            candidats_bilan.decision,
            if(not candidats_bilan.est_attribue, coalesce(candidats_bilan.motif_decision, 'Non renseigné'), null),
            if(candidats_bilan.est_attribue, coalesce(candidats_bilan.reponse_candidat, 'non_renseigne'), null),
            if(
                candidats_bilan.est_attribue and candidats_bilan.reponse_candidat in ('refuse', 'sans_reponse'),
                coalesce(
                    candidats_bilan.motif_refus,
                    if(candidats_bilan.reponse_candidat = 'sans_reponse', 'Sans réponse', 'Non renseigné')
                ),
                null
            ),
            case candidats_bilan.est_dalo when true then 'oui' when false then 'non' else 'non_renseigne' end,
            case candidats_bilan.public
                when 'autre' then 'non' when 'non_renseigne' then 'non_renseigne' else 'oui'
            end,
            if(
                candidats_bilan.public in ('dalo', 'prioritaire'),
                coalesce(candidats_bilan.motif_priorite, 'Non renseigné'),
                null
            )
        ]) as modalite
    from intermediaire.candidats_bilan
    inner join ref.exercice on candidats_bilan.date_caleol between exercice.date_debut and exercice.date_fin
),

constates as (
    select * from dossiers
    where modalite is not null
    union all
    select
        code_reservataire,
        est_droit_commun,
        'baux' as rubrique,
        'total' as modalite
    from intermediaire.actes_caleol
    where acte = 'bail'
),

attendus as (
    select
        entetes.code_reservataire,
        indicateurs_caleol.rubrique,
        indicateurs_caleol.modalite
    from bilan.entetes
    cross join ref.indicateurs_caleol
    inner join ref.tables_fournies on tables_fournies.table_metier = 'attributions' and tables_fournies.est_fournie
    union
    select
        code_reservataire,
        rubrique,
        modalite
    from constates
),

comptes as (
    select
        attendus.code_reservataire,
        attendus.rubrique,
        attendus.modalite,
        count(constates.rubrique) as nombre,
        count(*) filter (where constates.est_droit_commun) as nombre_flux
    from attendus
    left join constates
        on
            attendus.code_reservataire = constates.code_reservataire
            and attendus.rubrique = constates.rubrique
            and attendus.modalite = constates.modalite
    group by attendus.code_reservataire, attendus.rubrique, attendus.modalite
)

select
    comptes.code_reservataire,
    comptes.rubrique,
    rubriques_caleol.libelle as libelle_rubrique,
    comptes.modalite,
    coalesce(indicateurs_caleol.libelle, comptes.modalite) as libelle_modalite,
    100 * rubriques_caleol.ordre + coalesce(indicateurs_caleol.ordre, 50) as ordre,
    comptes.nombre,
    part_pct(
        comptes.nombre, sum(comptes.nombre) over (partition by comptes.code_reservataire, comptes.rubrique)
    ) as part_pct,
    comptes.nombre_flux
from comptes
inner join ref.rubriques_caleol on comptes.rubrique = rubriques_caleol.rubrique
left join ref.indicateurs_caleol
    on comptes.rubrique = indicateurs_caleol.rubrique and comptes.modalite = indicateurs_caleol.modalite
