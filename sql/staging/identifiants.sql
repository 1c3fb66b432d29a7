-- Logement que désigne chaque couple d'identifiants cité : par ident_rep, puis par ident_interne, exactement ; puis par
-- les lettres et chiffres de ident_interne sans zéros en tête. Ce qui va à deux logements n'en désigne aucun. Un ident_rep
-- est déjà lu sans séparateurs et sur dix caractères.
-- Source : contrat, « Dwellings ».
-- Grain : un couple d'identifiants cité par les droits, les exclusions ou les événements ; vide s'il n'est pas donné.
-- Clé : ident_rep, ident_interne
with

cites as (
    select distinct
        nullif(ident_rep, '') as ident_rep,
        nullif(ident_interne, '') as ident_interne
    from staging.citations
),

internes_cites as (
    select count(ident_interne) as nombre
    from cites
    having nombre > 0
),

-- rien, quand aucune référence interne n'est citée : les mettre toutes en forme coûterait pour rien
references_rpls as (
    select
        rpls.id_logement,
        rpls.ident_interne,
        rpls.millesime
    from staging.rpls
    inner join internes_cites on true
),

noms_rpls as (
    select
        rpls.id_logement,
        'rep' as sorte,
        rpls.ident_rep as nom,
        1 + abs(rpls.millesime - exercice.annee) as rang
    from staging.rpls
    cross join ref.exercice
    where rpls.ident_rep in (select cites.ident_rep from cites)
    union all
    select
        references_rpls.id_logement,
        'interne' as sorte,
        references_rpls.ident_interne as nom,
        1 + abs(references_rpls.millesime - exercice.annee) as rang
    from references_rpls
    cross join ref.exercice
    -- les autres n'iraient à aucun couple cité
    where
        lettres_et_chiffres(references_rpls.ident_interne)
        in (
            select lettres_et_chiffres(cites.ident_interne) from cites
            where cites.ident_interne is not null
        )
),

exacts_rpls as (
    select
        sorte,
        nom,
        arg_min(id_logement, (rang, id_logement)) as id_logement,
        -- le dernier du même rang : un autre, quand deux logements d'un millésime ont cette référence
        arg_max(id_logement, (-rang, id_logement)) as autre
    from noms_rpls
    group by sorte, nom
),

partages_rpls as (
    select
        nom,
        [id_logement, autre] as logements
    from exacts_rpls
    where sorte = 'interne' and id_logement <> autre
),

proches_rpls as (
    select
        lettres_et_chiffres(nom) as noyau,
        min(id_logement) as id_logement
    from exacts_rpls
    where sorte = 'interne'
    group by noyau
    having count(distinct id_logement) = 1 and bool_and(id_logement = autre) and noyau <> ''
),

-- l'inventaire des droits nomme à son tour des logements que le RPLS ignore
inventaire as (
    select distinct
        droits.ident_rep,
        droits.ident_interne,
        coalesce(
            par_rep.id_logement,
            par_interne.id_logement,
            proches_rpls.id_logement,
            droits.ident_rep,
            'interne ' || droits.ident_interne
        ) as id_logement,
        if(droits.ident_rep is null, 10, 9) as rang
    from raw.droits
    left join exacts_rpls as par_rep on par_rep.sorte = 'rep' and droits.ident_rep = par_rep.nom
    left join exacts_rpls as par_interne
        on
            par_interne.sorte = 'interne'
            and par_interne.id_logement = par_interne.autre
            and droits.ident_interne = par_interne.nom
    left join proches_rpls on lettres_et_chiffres(droits.ident_interne) = proches_rpls.noyau
    where coalesce(droits.ident_rep, droits.ident_interne) is not null
),

noms as (
    select
        id_logement,
        sorte,
        nom,
        0 as rang
    from exacts_rpls
    union all
    select
        id_logement,
        'rep' as sorte,
        ident_rep as nom,
        rang
    from inventaire
    where ident_rep is not null
    union all
    select
        id_logement,
        'interne' as sorte,
        ident_interne as nom,
        rang
    from inventaire
    where ident_interne is not null
),

exacts as (
    select
        sorte,
        nom,
        arg_min(id_logement, (rang, id_logement)) as id_logement
    from noms
    group by sorte, nom
),

proches as (
    select
        lettres_et_chiffres(nom) as noyau,
        list_sort(list(distinct id_logement)) as logements
    from (
        select
            nom,
            id_logement
        from exacts
        where sorte = 'interne'
        union all
        select
            nom,
            unnest(logements) as id_logement
        from partages_rpls
    ) as noms_internes
    group by noyau
    having noyau <> ''
)

select
    coalesce(cites.ident_rep, '') as ident_rep,
    coalesce(cites.ident_interne, '') as ident_interne,
    coalesce(
        par_rep.id_logement,
        if(partages_rpls.nom is null, par_interne.id_logement, null),
        if(len(proches.logements) = 1, proches.logements[1], null),
        cites.ident_rep,
        'interne ' || cites.ident_interne
    ) as id_logement,
    case
        when par_rep.id_logement is not null then 'exact'
        when partages_rpls.nom is not null then 'ambigu'
        when par_interne.id_logement is not null then 'exact'
        when len(proches.logements) = 1 then 'rapproche'
        when len(proches.logements) > 1 then 'ambigu'
        else 'inconnu'
    end as recherche,
    if(recherche = 'ambigu', coalesce(partages_rpls.logements, proches.logements), null) as logements_proches
from cites
left join exacts as par_rep on par_rep.sorte = 'rep' and cites.ident_rep = par_rep.nom
left join exacts as par_interne on par_interne.sorte = 'interne' and cites.ident_interne = par_interne.nom
left join partages_rpls on cites.ident_interne = partages_rpls.nom
left join proches on lettres_et_chiffres(cites.ident_interne) = proches.noyau
