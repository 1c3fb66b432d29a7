-- Répartition d'un territoire entre tous les réservataires et le non réservé, mesures côte à côte, en clair.
-- Source : CCH R.441-5-1.
-- Grain : un bilan, une dimension, une modalité et un réservataire, ou l'ensemble du territoire.
-- Clé : code_reservataire, dimension, modalite, reservataire
with

connues as (
    select
        bool_or(est_fournie and table_metier = 'propositions') as a_propositions,
        bool_or(est_fournie and table_metier = 'attributions') as a_attributions
    from ref.tables_fournies
),

comptes as (
    select
        code_bilan,
        dimension,
        modalite,
        coalesce(code_reservataire, '') as reservataire,
        sum(nombre) filter (where mesure = 'proposes') as ensemble_proposes,
        sum(nombre) filter (where mesure = 'attribues') as ensemble_attribues,
        sum(nombre) filter (where mesure = 'baux_signes') as ensemble_baux_signes
    from bilan.repartition
    group by
        grouping sets (
            (code_bilan, dimension, modalite, code_reservataire),
            (code_bilan, dimension, modalite)
        )
),

completes as (
    select
        comptes.code_bilan,
        comptes.dimension,
        comptes.modalite,
        comptes.reservataire,
        if(connues.a_propositions, coalesce(comptes.ensemble_proposes, 0), null) as ensemble_proposes,
        if(connues.a_attributions, coalesce(comptes.ensemble_attribues, 0), null) as ensemble_attribues,
        if(connues.a_attributions, coalesce(comptes.ensemble_baux_signes, 0), null) as ensemble_baux_signes
    from comptes
    cross join connues
),

noms as (
    select
        code_reservataire as reservataire,
        libelle
    from intermediaire.conventions
    where numero = 1
    union all
    select
        'non_reserve' as reservataire,
        'Non réservé' as libelle
    union all
    select
        '' as reservataire,
        'Ensemble du territoire' as libelle
)

select
    completes.code_bilan as code_reservataire,
    completes.dimension,
    dimensions.libelle as libelle_dimension,
    completes.modalite,
    libelles_modalites.libelle_modalite,
    completes.reservataire,
    noms.libelle as libelle_reservataire,
    completes.ensemble_proposes,
    part_pct(completes.ensemble_proposes, ensembles.ensemble_proposes) as ensemble_proposes_pct,
    completes.ensemble_attribues,
    part_pct(completes.ensemble_attribues, ensembles.ensemble_attribues) as ensemble_attribues_pct,
    completes.ensemble_baux_signes,
    part_pct(completes.ensemble_baux_signes, ensembles.ensemble_baux_signes) as ensemble_baux_signes_pct,
    row_number() over (
        partition by completes.code_bilan
        order by
            dimensions.ordre,
            libelles_modalites.ordre nulls last,
            libelles_modalites.libelle_modalite,
            completes.modalite,
            completes.reservataire <> '',
            completes.reservataire = 'non_reserve',
            noms.libelle,
            completes.reservataire
    ) as ordre
from completes
inner join completes as ensembles
    on
        completes.code_bilan = ensembles.code_bilan
        and ensembles.dimension = 'total'
        and ensembles.reservataire = ''
inner join noms on completes.reservataire = noms.reservataire
left join ref.dimensions on completes.dimension = dimensions.dimension
left join intermediaire.libelles_modalites
    on completes.dimension = libelles_modalites.dimension and completes.modalite = libelles_modalites.modalite
