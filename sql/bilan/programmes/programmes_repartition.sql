-- Répartition de chaque programme neuf entre les réservataires, et ce qui reste au bailleur : ce que la concertation sur
-- la première mise en location met sur la table.
-- Source : CCH R.441-5, [004] art. 4, [002] art. 4.2.
-- Grain : un bilan, une opération et un réservataire, ou le reste.
-- Clé : code_reservataire, cle_operation, code_titulaire
with

suivis as (
    select
        *,
        nom_operation || ' ' || coalesce(code_insee, nom_normalise(commune)) as cle_operation
    from intermediaire.programmes_suivis
    where not est_abandonnee
),

operations as (
    select
        cle_operation,
        min(operation) as operation,
        min(commune) as commune,
        max(nb_logements) as nb_logements,
        max(coalesce(date_livraison, date_livraison_prevue)) as date_livraison,
        sum(flux_reserve) as nb_reserves,
        list_distinct(flatten(list(codes_bilan))) as codes_bilan
    from suivis
    group by cle_operation
),

parts as (
    select
        cle_operation,
        code_reservataire as code_titulaire,
        sum(flux_reserve) as flux_reserve
    from suivis
    group by cle_operation, code_reservataire
    union all
    select
        cle_operation,
        'non_reserve' as code_titulaire,
        nb_logements - nb_reserves as flux_reserve
    from operations
    where nb_logements is not null
)

select
    unnest(operations.codes_bilan) as code_reservataire,
    operations.cle_operation,
    operations.operation,
    operations.commune,
    operations.nb_logements,
    operations.date_livraison,
    parts.code_titulaire,
    if(parts.code_titulaire = 'non_reserve', 'Non réservé', coalesce(conventions.libelle, parts.code_titulaire))
        as libelle_reservataire,
    cast(parts.flux_reserve as decimal(38, 6)) as flux_reserve,
    part_pct(parts.flux_reserve, operations.nb_logements) as part_pct,
    if(
        operations.nb_reserves > operations.nb_logements,
        'Plus de logements réservés que l''opération n''en a',
        ''
    ) as conclusion
from operations
inner join parts on operations.cle_operation = parts.cle_operation
left join intermediaire.conventions
    on parts.code_titulaire = conventions.code_reservataire and conventions.numero = 1
