-- Plafonds des parts prévues par les conventions : 30 % pour l'État, 5 % pour ses agents, 20 % pour les garanties
-- d'emprunt des communes et EPCI d'un territoire, toutes ensemble, au moins et au plus.
-- Source : CCH R.441-5-2 et R.441-5-3.
-- Grain : un bilan, un plafond et un territoire.
-- Clé : code_reservataire, quota, id_convention
with

retenues as (
    select
        *,
        if(famille = 'etat', 'etat', 'collectivites_garanties') as quota
    from intermediaire.parts_territoire
    union all
    select
        *,
        'etat_agents' as quota
    from intermediaire.parts_territoire
    where type_reservataire = 'etat_fonctionnaires'
),

pourcents as (
    select
        *,
        part_brute * 100 as pct,
        part_garanties * 100 as garanties_pct,
        part_garanties_max * 100 as garanties_max_pct
    from retenues
),

cumuls as (
    select
        id_convention,
        quota,
        if(count(pct) = count(*), sum(pct), null) as cumul_pct,
        if(count(garanties_pct) = count(*), sum(garanties_pct), null) as cumul_garanties_pct,
        if(count(garanties_max_pct) = count(*), sum(garanties_max_pct), null) as cumul_garanties_max_pct,
        string_agg(
            reservataire || ' '
            || coalesce(replace(cast(cast(en_decimal(pct) as decimal(24, 2)) as varchar), '.', ',') || ' %', 'inconnu'),
            ' + ' order by id_convention_couvrante
        ) as detail
    from pourcents
    group by id_convention, quota
),

evalues as (
    select
        cumuls.* replace (territoires_plafonnes.id_convention as id_convention),
        en_decimal(cumuls.cumul_pct) as part_pct,
        en_decimal(cumuls.cumul_garanties_pct) as part_garanties_pct,
        en_decimal(cumuls.cumul_garanties_max_pct) as part_garanties_max_pct,
        unnest([conventions.code_reservataire, '_bailleur']) as code_reservataire,
        conventions.code_reservataire as reservataire,
        quotas.ordre,
        quotas.libelle,
        quotas.source,
        conventions.echelle,
        conventions.code_territoire,
        cast(quotas.seuil_pct as decimal(9, 6)) as seuil_pct
    from cumuls
    inner join ref.quotas on cumuls.quota = quotas.quota
    inner join intermediaire.territoires_plafonnes on cumuls.id_convention = territoires_plafonnes.id_convention_type
    inner join intermediaire.conventions_datees as conventions
        on territoires_plafonnes.id_convention = conventions.id_convention
)

select
    code_reservataire,
    quota,
    id_convention,
    reservataire,
    echelle,
    code_territoire,
    ordre,
    libelle,
    part_pct,
    if(quota = 'collectivites_garanties', part_garanties_pct, null) as part_garanties_pct,
    if(quota = 'collectivites_garanties', part_garanties_max_pct, null) as part_garanties_max_pct,
    seuil_pct,
    -- au moins : ce qui est sûrement de trop ; au plus : si tous les droits sans origine étaient des garanties
    if(
        part_pct is null,
        null,
        greatest(if(quota = 'collectivites_garanties', part_garanties_pct, part_pct) - seuil_pct, 0)
    ) as depassement_points,
    if(
        part_pct is null,
        null,
        greatest(if(quota = 'collectivites_garanties', part_garanties_max_pct, part_pct) - seuil_pct, 0)
    ) as depassement_max_points,
    case
        when part_pct is null then 'Non fourni : une part est inconnue'
        when part_pct <= seuil_pct then 'Dans la limite'
        when quota <> 'collectivites_garanties' then 'Au-delà du plafond'
        when part_garanties_max_pct <= seuil_pct then 'Dans la limite : le reste vient de subventions ou de foncier'
        when part_garanties_pct > seuil_pct then 'Au-delà du plafond'
        else 'Indéterminé : l''origine de droits n''est pas fournie'
    end as conclusion,
    detail,
    source
from evalues
qualify row_number() over (
    partition by code_reservataire, quota, echelle, code_territoire order by id_convention
) = 1
