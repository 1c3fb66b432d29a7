-- Répartition d'un territoire entre tous les réservataires et le non réservé, mesures côte à côte, en clair : axe par
-- axe, à côté des logements libérés ; puis deux caractéristiques à la fois.
-- Source : CCH R.441-5-1, [001] art. 4 et 8, [002] art. 6.1 et 6.2, [004] art. 9.
-- Grain : un bilan, une partie (axe ou croisement), une dimension, une modalité et un réservataire (vide : l'ensemble).
-- Clé : code_reservataire, partie, dimension, modalite, reservataire
with

connues as (
    select
        bool_or(est_fournie and table_metier = 'propositions') as a_propositions,
        bool_or(est_fournie and table_metier = 'attributions') as a_attributions
    from ref.tables_fournies
),

depliees as (
    select
        code_perimetre,
        titulaire,
        mesure,
        nombre,
        unnest([
            'total',
            'typologie',
            'financement',
            'qpv',
            'commune',
            'periode_construction',
            'epci',
            'accessibilite',
            'public',
            'quartile'
        ]) as dimension,
        unnest([
            'total',
            typologie,
            financement,
            qpv,
            commune,
            periode_construction,
            epci,
            accessibilite,
            public,
            quartile
        ]) as modalite
    from intermediaire.repartition_profils
    where mesure in ('proposes', 'attribues', 'baux_signes', 'refus')
),

comptes as (
    select
        code_perimetre,
        dimension,
        modalite,
        coalesce(titulaire, '') as reservataire,
        coalesce(sum(nombre) filter (where mesure = 'proposes'), 0) as proposes,
        coalesce(sum(nombre) filter (where mesure = 'attribues'), 0) as attribues,
        coalesce(sum(nombre) filter (where mesure = 'baux_signes'), 0) as baux_signes,
        coalesce(sum(nombre) filter (where mesure = 'refus'), 0) as refus
    from depliees
    -- une proposition n'a pas encore de candidat
    where mesure <> 'proposes' or dimension not in ('public', 'quartile')
    group by grouping sets ((code_perimetre, dimension, modalite, titulaire), (code_perimetre, dimension, modalite))
),

liberees as (
    select
        code_reservataire as code_bilan,
        dimension,
        modalite,
        '' as reservataire,
        cast(any_value(nombre) filter (where mesure = 'liberations') as bigint) as liberations,
        cast(any_value(nombre) filter (where mesure = 'parc_soumis') as bigint) as parc_soumis
    from bilan.mesures
    where mesure in ('liberations', 'parc_soumis') and dimension not in ('public', 'quartile')
    group by code_reservataire, dimension, modalite
),

etendus as (
    select
        perimetres_egaux.code_reservataire as code_bilan,
        comptes.* exclude (code_perimetre)
    from comptes
    inner join intermediaire.perimetres_egaux on comptes.code_perimetre = perimetres_egaux.code_perimetre
    -- la loi ne ventile pas ces axes-là entre réservataires : l'ensemble, et le lecteur
    where
        comptes.dimension not in ('epci', 'accessibilite', 'public', 'quartile')
        or comptes.reservataire in ('', perimetres_egaux.code_reservataire)
),

-- une ligne toute à zéro n'est pas montrée
reunies as (
    select
        code_bilan,
        dimension,
        modalite,
        reservataire,
        coalesce(etendus.proposes, 0) as proposes,
        coalesce(etendus.attribues, 0) as attribues,
        coalesce(etendus.baux_signes, 0) as baux_signes,
        coalesce(etendus.refus, 0) as refus,
        liberees.liberations,
        liberees.parc_soumis
    from etendus
    full join liberees using (code_bilan, dimension, modalite, reservataire)
    where etendus.code_bilan is not null or liberees.liberations > 0
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
),

axes as (
    select
        reunies.code_bilan,
        'axe' as partie,
        reunies.dimension,
        dimensions.libelle as libelle_dimension,
        reunies.modalite,
        coalesce(libelles_modalites.libelle_modalite, reunies.modalite) as libelle_modalite,
        reunies.reservataire,
        if(
            connues.a_propositions and reunies.dimension not in ('public', 'quartile'), reunies.proposes, null
        ) as ensemble_proposes,
        if(
            reunies.dimension in ('public', 'quartile'), null, part_pct(ensemble_proposes, ensembles.proposes)
        ) as ensemble_proposes_pct,
        if(connues.a_attributions, reunies.attribues, null) as ensemble_attribues,
        part_pct(ensemble_attribues, ensembles.attribues) as ensemble_attribues_pct,
        if(connues.a_attributions, reunies.baux_signes, null) as ensemble_baux_signes,
        part_pct(ensemble_baux_signes, ensembles.baux_signes) as ensemble_baux_signes_pct,
        if(connues.a_attributions, reunies.refus, null) as refus,
        reunies.liberations,
        reunies.parc_soumis,
        dimensions.ordre as ordre_dimension,
        libelles_modalites.ordre as ordre_modalite
    from reunies
    cross join connues
    inner join intermediaire.perimetres_egaux on reunies.code_bilan = perimetres_egaux.code_reservataire
    left join comptes as ensembles
        on
            perimetres_egaux.code_perimetre = ensembles.code_perimetre
            and ensembles.dimension = 'total'
            and ensembles.reservataire = ''
    left join ref.dimensions on reunies.dimension = dimensions.dimension
    left join intermediaire.libelles_modalites
        on reunies.dimension = libelles_modalites.dimension and reunies.modalite = libelles_modalites.modalite
    -- un territoire d'un seul EPCI n'en est pas ventilé
    qualify
        reunies.dimension <> 'epci'
        or min(reunies.modalite) over (partition by reunies.code_bilan, reunies.dimension)
        <> max(reunies.modalite) over (partition by reunies.code_bilan, reunies.dimension)
),

croisees as (
    select
        code_reservataire as code_bilan,
        'croisement' as partie,
        croisement as dimension,
        libelle as libelle_dimension,
        modalite_1 || ' ' || modalite_2 as modalite,
        libelle_modalite_1 || ' – ' || libelle_modalite_2 as libelle_modalite,
        code_titulaire as reservataire,
        proposes as ensemble_proposes,
        null as ensemble_proposes_pct,
        attribues as ensemble_attribues,
        null as ensemble_attribues_pct,
        baux_signes as ensemble_baux_signes,
        null as ensemble_baux_signes_pct,
        refus,
        null as liberations,
        null as parc_soumis,
        100 + ordre as ordre_dimension,
        row_number() over (
            order by ordre_1, libelle_modalite_1, modalite_1, ordre_2, libelle_modalite_2, modalite_2
        ) as ordre_modalite
    from bilan.croisements
),

toutes as (
    select * from axes
    union all
    select * from croisees
)

select
    toutes.code_bilan as code_reservataire,
    toutes.partie,
    toutes.dimension,
    toutes.libelle_dimension,
    toutes.modalite,
    toutes.libelle_modalite,
    toutes.reservataire,
    coalesce(noms.libelle, toutes.reservataire) as libelle_reservataire,
    cast(toutes.ensemble_proposes as bigint) as ensemble_proposes,
    toutes.ensemble_proposes_pct,
    cast(toutes.ensemble_attribues as bigint) as ensemble_attribues,
    toutes.ensemble_attribues_pct,
    cast(toutes.ensemble_baux_signes as bigint) as ensemble_baux_signes,
    toutes.ensemble_baux_signes_pct,
    cast(toutes.refus as bigint) as refus,
    toutes.liberations,
    toutes.parc_soumis,
    row_number() over (
        partition by toutes.code_bilan
        order by
            toutes.ordre_dimension,
            toutes.dimension,
            toutes.reservataire <> '',
            toutes.reservataire <> toutes.code_bilan,
            toutes.reservataire = 'non_reserve',
            noms.libelle,
            toutes.reservataire,
            toutes.ordre_modalite nulls last,
            toutes.libelle_modalite,
            toutes.modalite
    ) as ordre
from toutes
left join noms on toutes.reservataire = noms.reservataire
