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

-- l'inventaire fait connaître des logements aux événements, pas à lui-même
connus as (
    select
        id_logement,
        'rpls' as origine
    from staging.rpls
    semi join cites on rpls.id_logement = cites.id_logement
    union
    select
        id_logement,
        'droits' as origine
    from staging.droits
    where id_logement is not null
),

comptes as (
    select
        cites.table_metier,
        min(cites.id_logement) as exemple,
        count(distinct cites.id_logement) as nb_cites,
        count(distinct connus.id_logement) as nb_trouves
    from cites
    left join connus
        on cites.id_logement = connus.id_logement and cites.table_metier <> connus.origine
    group by cites.table_metier
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
