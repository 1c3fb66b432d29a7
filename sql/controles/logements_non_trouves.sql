-- Aucun des logements d'une table d'événements ou de droits n'est connu, ou moins de la moitié : les références ne sont
-- pas celles du RPLS.
-- Source : contrat, « Dwellings ».
-- Grain : une table.
with

cites as (
    select distinct
        citations.table_metier,
        identifiants.id_logement
    from staging.citations
    inner join
        staging.identifiants
        on citations.ident_rep = identifiants.ident_rep and citations.ident_interne = identifiants.ident_interne
    where citations.table_metier <> 'exclusions'
),

du_rpls as (
    select rpls.id_logement
    from staging.rpls
    semi join cites on rpls.id_logement = cites.id_logement
),

des_droits as (
    select id_logement
    from staging.droits
    where id_logement is not null
),

-- l'inventaire fait connaître des logements aux événements, pas à lui-même
comptes as (
    select
        table_metier,
        min(id_logement) as exemple,
        count(*) as nb_cites,
        count(*) filter (
            where
            id_logement in (select du_rpls.id_logement from du_rpls)
            or (table_metier <> 'droits' and id_logement in (select des_droits.id_logement from des_droits))
        ) as nb_trouves
    from cites
    group by table_metier
)

select
    if(nb_trouves = 0, 'bloquant', 'erreur') as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'ident_rep' as colonne,
    exemple as valeur,
    if(nb_trouves = 0, 'Aucun', 'Moins de la moitié') || ' des ' || nb_cites || ' logement(s) de la table '
    || table_metier || if(nb_trouves = 0, ' n''est connu', ' sont connus (' || nb_trouves || ')')
    || ' : les références de ses fichiers ne sont pas celles du RPLS.' as message,
    'Mettez dans ident_rep l''identifiant RPLS, ou dans ident_interne la référence IDENT_INT du RPLS.' as correction,
    '' as code_reservataire
from comptes
where 2 * nb_trouves < nb_cites
