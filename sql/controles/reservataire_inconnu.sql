-- Une ligne nomme un réservataire sans convention.
-- Grain : une ligne de fichier.
with

citations as (
    select
        'propositions' as table_metier,
        code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.propositions
    union all
    select
        'attributions' as table_metier,
        code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.attributions
    where code_reservataire is not null
    union all
    select
        'droits' as table_metier,
        coalesce(code_reservataire, reservataire) as code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.droits
    union all
    select
        'objectifs' as table_metier,
        code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.objectifs
    union all
    select
        'programmes_neufs' as table_metier,
        code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.programmes_neufs
)

select
    'erreur' as gravite,
    fichier,
    feuille,
    ligne,
    'code_reservataire' as colonne,
    code_reservataire as valeur,
    'Le réservataire « ' || code_reservataire || ' » de la table ' || table_metier
    || ' n''a pas de convention dans la table reservataires : la ligne n''entre dans le bilan d''aucun réservataire.'
        as message,
    'Corrigez le code, dites lequel c''est dans correspondances.xlsx (feuille Réservataires), ou ajoutez la convention.'
        as correction,
    '' as code_reservataire
from citations
where code_reservataire not in (select conventions.code_reservataire from intermediaire.conventions)
