-- Une ligne porte sur un logement absent du RPLS des deux millésimes.
-- Grain : une ligne de fichier.
with

connus as (
    select rpls.id_logement
    from staging.rpls
    inner join ref.exercice on rpls.millesime in (exercice.annee, exercice.annee + 1)
),

citations as (
    select
        'liberations' as table_metier,
        id_logement,
        fichier,
        feuille,
        ligne
    from staging.liberations
    union all
    select
        'propositions' as table_metier,
        id_logement,
        fichier,
        feuille,
        ligne
    from staging.propositions
    union all
    select
        'attributions' as table_metier,
        id_logement,
        fichier,
        feuille,
        ligne
    from staging.attributions
    union all
    select
        'exclusions' as table_metier,
        id_logement,
        fichier,
        feuille,
        ligne
    from staging.exclusions
    union all
    select
        'droits' as table_metier,
        id_logement,
        fichier,
        feuille,
        ligne
    from staging.droits
    where id_logement is not null
)

select
    'avertissement' as gravite,
    citations.fichier,
    citations.feuille,
    citations.ligne,
    'ident_rep' as colonne,
    citations.id_logement as valeur,
    'Le logement « ' || citations.id_logement || ' » de la table ' || citations.table_metier
    || ' n''est ni dans le RPLS ' || exercice.annee || ' ni dans le RPLS ' || (exercice.annee + 1) || '.' as message,
    'Vérifiez l''identifiant ; un logement sorti du parc avant l''exercice est normal.' as correction,
    '' as code_reservataire
from citations
cross join ref.exercice
anti join connus using (id_logement)
