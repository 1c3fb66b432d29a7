-- Logements proposés et attribués de chaque bilan, par réservataire et par dimension : tous les réservataires qui ont
-- un événement sur le périmètre, et ce qui n'est réservé à personne.
-- Source : CCH R.441-5-1 ; contrat, `repartition_`.
-- Grain : un bilan, un réservataire, une mesure, une dimension et une modalité.
-- Clé : code_bilan, code_reservataire, mesure, dimension, modalite
with

situes as (
    select
        repartition_logements.code_bilan,
        repartition_logements.titulaire,
        repartition_logements.mesure,
        caracteristiques.typologie,
        caracteristiques.financement,
        caracteristiques.qpv,
        caracteristiques.commune,
        caracteristiques.periode_construction,
        repartition_logements.nombre
    from intermediaire.repartition_logements
    inner join intermediaire.caracteristiques on repartition_logements.id_logement = caracteristiques.id_logement
    where repartition_logements.mesure <> 'refus'
),

regroupes as (
    select
        code_bilan,
        titulaire,
        mesure,
        typologie,
        financement,
        qpv,
        commune,
        periode_construction,
        sum(nombre) as nombre
    from situes
    group by
        grouping sets (
            (code_bilan, titulaire, mesure, typologie),
            (code_bilan, titulaire, mesure, financement),
            (code_bilan, titulaire, mesure, qpv),
            (code_bilan, titulaire, mesure, commune),
            (code_bilan, titulaire, mesure, periode_construction)
        )
),

par_modalite as (
    select
        code_bilan,
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
        code_bilan,
        titulaire
    from situes
),

comptes as (
    select
        presents.code_bilan,
        presents.titulaire,
        fournies.mesure,
        'total' as dimension,
        'total' as modalite,
        coalesce(sum(situes.nombre), 0) as nombre
    from presents
    cross join fournies
    left join situes
        on
            presents.code_bilan = situes.code_bilan
            and presents.titulaire = situes.titulaire
            and fournies.mesure = situes.mesure
    group by presents.code_bilan, presents.titulaire, fournies.mesure
    union all
    select * from par_modalite
    where modalite is not null
)

select
    exercice.annee,
    comptes.code_bilan,
    comptes.titulaire as code_reservataire,
    comptes.mesure,
    comptes.dimension,
    comptes.modalite,
    cast(comptes.nombre as bigint) as nombre,
    part_pct(
        comptes.nombre,
        sum(comptes.nombre) over (partition by comptes.code_bilan, comptes.mesure, comptes.dimension)
    ) as part_pct
from comptes
cross join ref.exercice
