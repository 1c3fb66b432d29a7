-- Logements proposés et attribués de chaque bilan, par réservataire et par dimension : tous les réservataires qui ont
-- un événement sur le périmètre, et ce qui n'est réservé à personne.
-- Source : CCH R.441-5-1 ; contrat, `repartition_`.
-- Grain : un bilan, un réservataire, une mesure, une dimension et une modalité.
-- Clé : code_bilan, code_reservataire, mesure, dimension, modalite
with

regroupes as (
    select
        code_perimetre,
        titulaire,
        mesure,
        typologie,
        financement,
        qpv,
        commune,
        periode_construction,
        sum(nombre) as nombre
    from intermediaire.repartition_profils
    where mesure <> 'refus'
    group by
        grouping sets (
            (code_perimetre, titulaire, mesure, typologie),
            (code_perimetre, titulaire, mesure, financement),
            (code_perimetre, titulaire, mesure, qpv),
            (code_perimetre, titulaire, mesure, commune),
            (code_perimetre, titulaire, mesure, periode_construction)
        )
),

par_modalite as (
    select
        code_perimetre,
        titulaire,
        mesure,
        unnest(['typologie', 'financement', 'qpv', 'commune', 'periode_construction']) as dimension,
        unnest([typologie, financement, qpv, commune, periode_construction]) as modalite,
        nombre
    from regroupes
),

fournies as (
    select mesures.mesure
    from ref.mesures
    inner join ref.tables_fournies on mesures.table_source = tables_fournies.table_metier
    where
        tables_fournies.est_fournie
        and mesures.mesure in ('proposes', 'attribues', 'mises_a_disposition', 'attributions', 'baux_signes')
),

-- un réservataire présent sur le périmètre a un total pour chaque mesure, zéro compris
presents as (
    select distinct
        code_perimetre,
        titulaire
    from intermediaire.repartition_profils
    where mesure <> 'refus'
),

comptes as (
    select
        presents.code_perimetre,
        presents.titulaire,
        fournies.mesure,
        'total' as dimension,
        'total' as modalite,
        coalesce(sum(repartition_profils.nombre), 0) as nombre
    from presents
    cross join fournies
    left join intermediaire.repartition_profils
        on
            presents.code_perimetre = repartition_profils.code_perimetre
            and presents.titulaire = repartition_profils.titulaire
            and fournies.mesure = repartition_profils.mesure
    group by presents.code_perimetre, presents.titulaire, fournies.mesure
    union all
    select * from par_modalite
    where modalite is not null
),

parts as (
    select
        *,
        part_pct(nombre, sum(nombre) over (partition by code_perimetre, mesure, dimension)) as part_pct
    from comptes
)

select
    exercice.annee,
    perimetres_egaux.code_reservataire as code_bilan,
    parts.titulaire as code_reservataire,
    parts.mesure,
    parts.dimension,
    parts.modalite,
    cast(parts.nombre as bigint) as nombre,
    parts.part_pct
from parts
inner join intermediaire.perimetres_egaux on parts.code_perimetre = perimetres_egaux.code_perimetre
cross join ref.exercice
