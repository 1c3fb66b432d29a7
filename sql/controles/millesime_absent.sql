-- Le millésime de l'exercice manque : aucun parc, donc aucun bilan.
-- Grain : la campagne.
select
    'bloquant' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'millesime' as colonne,
    cast(exercice.annee as varchar) as valeur,
    'Aucun logement du millésime '
    || exercice.annee
    || ' (état au 1er janvier '
    || exercice.annee
    || ') dans les fichiers rpls.' as message,
    'Déposez rpls_' || exercice.annee || ' ; vérifiez l''année dans le nom du fichier.' as correction,
    '' as code_reservataire
from ref.exercice
where exercice.annee not in (select distinct rpls.millesime from staging.rpls)
