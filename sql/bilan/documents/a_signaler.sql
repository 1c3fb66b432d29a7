-- Ce qui mérite l'attention du lecteur d'un bilan, et la feuille qui le montre : données non fournies, convention échue,
-- plafonds dépassés, quotas manqués.
-- Source : CCH L.441-1, R.441-5 et R.441-5-2.
-- Grain : un bilan et un signalement.
-- Clé : code_reservataire, ordre
with

absentes as (
    select string_agg(tables_fournies.table_metier, ', ' order by tables_fournies.table_metier) as liste
    from ref.tables_fournies
    where
        not tables_fournies.est_fournie
        and tables_fournies.table_metier in (
            'liberations', 'propositions', 'attributions', 'objectifs', 'previsions', 'droits'
        )
),

signalements as (
    select
        entetes.code_reservataire,
        1 as rang,
        'Données non fournies au calcul : ' || absentes.liste
        || '. Les chiffres qui en dépendent sont inconnus, pas nuls.' as texte,
        '' as feuille
    from bilan.entetes
    inner join absentes on absentes.liste is not null
    union all
    select
        entetes.code_reservataire,
        2 as rang,
        'La convention est échue depuis le ' || strftime(entetes.date_fin, '%d/%m/%Y')
        || ' : elle s''applique encore, faute d''une autre.' as texte,
        '' as feuille
    from bilan.entetes
    where entetes.date_fin < entetes.date_arrete
    union all
    select
        part_etat.code_reservataire,
        3 as rang,
        if(part_etat.dimension = 'total', 'Sur tout le territoire', part_etat.libelle_modalite)
        || ' : l''État a reçu ' || ecrit(part_etat.part_pct)
        || ' % du flux observé, pour ' || ecrit(part_etat.seuil_pct) || ' % au plus ('
        || en_minuscule(part_etat.conclusion) || ').' as texte,
        'Part de l''État' as feuille
    from bilan.part_etat
    where part_etat.conclusion like 'Au-delà%'
    union all
    select
        part_etat.code_reservataire,
        4 as rang,
        if(part_etat.dimension = 'total', 'Sur tout le territoire', part_etat.libelle_modalite)
        || ' : les agents de l''État ont reçu ' || ecrit(part_etat.part_agents_pct)
        || ' % du flux observé (' || en_minuscule(part_etat.conclusion_agents) || ').' as texte,
        'Part de l''État' as feuille
    from bilan.part_etat
    where part_etat.conclusion_agents like 'Au-delà%'
    union all
    select
        plafonds.code_reservataire,
        5 as rang,
        plafonds.libelle || ' : ' || ecrit(plafonds.part_pct) || ' % prévus, pour ' || ecrit(plafonds.seuil_pct)
        || ' % au plus.' as texte,
        if(plafonds.code_reservataire = '_bailleur', 'Plafonds', 'Objectif') as feuille
    from bilan.plafonds
    where plafonds.conclusion like 'Au-delà%'
    union all
    select
        quotas.code_reservataire,
        6 as rang,
        quotas.libelle || '. ' || quotas.conclusion || '.' as texte,
        if(entetes.nature_bilan = 'reservataire', 'Objectif', 'Quotas') as feuille
    from bilan.quotas
    inner join bilan.entetes on quotas.code_reservataire = entetes.code_reservataire
    left join ref.types_reservataire on entetes.type_reservataire = types_reservataire.type_reservataire
    where
        coalesce(types_reservataire.famille, '') <> 'autre'
        and quotas.quota <> 'prioritaires_baux'
        and quotas.portee = 'obligatoire'
        and quotas.conclusion like 'Non atteint%'
)

select
    signalements.code_reservataire,
    signalements.texte,
    signalements.feuille,
    row_number() over (
        partition by signalements.code_reservataire order by signalements.rang, signalements.texte
    ) as ordre
from signalements
