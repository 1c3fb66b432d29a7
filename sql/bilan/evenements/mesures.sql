-- Tous les chiffres des bilans : chaque mesure, en total et par dimension.
-- Grain : un bilan, une mesure, une dimension et une modalité.
-- Clé : code_reservataire, mesure, dimension, modalite
with

regroupes as (
    select
        code_reservataire,
        mesure,
        typologie,
        financement,
        qpv,
        commune,
        periode_construction,
        epci,
        accessibilite,
        public,
        quartile,
        grouping(
            typologie, financement, qpv, commune, periode_construction, epci, accessibilite, public, quartile
        ) = 511 as est_total,
        count(*) as nombre
    from intermediaire.evenements_comptes
    group by
        grouping sets (
            (code_reservataire, mesure),
            (code_reservataire, mesure, typologie),
            (code_reservataire, mesure, financement),
            (code_reservataire, mesure, qpv),
            (code_reservataire, mesure, commune),
            (code_reservataire, mesure, periode_construction),
            (code_reservataire, mesure, epci),
            (code_reservataire, mesure, accessibilite),
            (code_reservataire, mesure, public),
            (code_reservataire, mesure, quartile)
        )
),

par_modalite as (
    select
        code_reservataire,
        mesure,
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
            if(est_total, 'total', null),
            typologie,
            financement,
            qpv,
            commune,
            periode_construction,
            epci,
            accessibilite,
            public,
            quartile
        ]) as modalite,
        nombre
    from regroupes
),

sommes as (
    select
        code_reservataire,
        mesure,
        nombre
    from par_modalite
    where modalite = 'total'
),

totaux as (
    select
        mesures_disponibles.code_reservataire,
        mesures_disponibles.mesure,
        'total' as dimension,
        'total' as modalite,
        coalesce(sommes.nombre, mesures_parc.nombre, 0) as nombre
    from intermediaire.mesures_disponibles
    left join sommes
        on
            mesures_disponibles.code_reservataire = sommes.code_reservataire
            and mesures_disponibles.mesure = sommes.mesure
    left join intermediaire.mesures_parc
        on
            mesures_disponibles.code_reservataire = mesures_parc.code_reservataire
            and mesures_disponibles.mesure = mesures_parc.mesure
            and mesures_parc.dimension = 'total'
),

comptes as (
    select * from totaux
    union all
    select par_modalite.*
    from par_modalite
    semi join
        intermediaire.mesures_disponibles
        on
            par_modalite.code_reservataire = mesures_disponibles.code_reservataire
            and par_modalite.mesure = mesures_disponibles.mesure
    where par_modalite.modalite is not null and par_modalite.dimension <> 'total'
    union all
    select
        code_reservataire,
        mesure,
        dimension,
        modalite,
        nombre
    from intermediaire.mesures_parc
    where dimension <> 'total'
),

avec_objectif as (
    select
        code_reservataire,
        mesure,
        dimension,
        modalite,
        cast(nombre as decimal(18, 6)) as nombre
    from comptes
    union all
    select
        code_reservataire,
        'objectif' as mesure,
        'total' as dimension,
        'total' as modalite,
        objectif as nombre
    from intermediaire.objectif_reservataire
    union all
    select
        totaux.code_reservataire,
        'taux_atteinte_pct' as mesure,
        'total' as dimension,
        'total' as modalite,
        part_pct(totaux.nombre, objectif_reservataire.objectif) as nombre
    from totaux
    inner join intermediaire.objectif_reservataire on totaux.code_reservataire = objectif_reservataire.code_reservataire
    where totaux.mesure = 'decompte' and objectif_reservataire.objectif > 0
)

select
    exercice.annee,
    avec_objectif.code_reservataire,
    avec_objectif.mesure,
    avec_objectif.dimension,
    avec_objectif.modalite,
    avec_objectif.nombre,
    if(
        avec_objectif.mesure = 'taux_atteinte_pct', null, part_pct(avec_objectif.nombre, ensemble.nombre)
    ) as part_pct
from avec_objectif
cross join ref.exercice
inner join avec_objectif as ensemble
    on
        avec_objectif.code_reservataire = ensemble.code_reservataire
        and avec_objectif.mesure = ensemble.mesure
        and ensemble.dimension = 'total'
