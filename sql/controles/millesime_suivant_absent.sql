-- Le millésime suivant manque : l'annexe se fait sur celui de l'exercice.
-- Grain : la campagne.
select
    'information' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'millesime' as colonne,
    cast(exercice.annee + 1 as varchar) as valeur,
    'Le millésime ' || (exercice.annee + 1) || ' n''est pas fourni : l''annexe ' || (exercice.annee + 1)
    || ' est calculée sur le parc du millésime ' || exercice.annee || '.' as message,
    'Déposez rpls_' || (exercice.annee + 1) || ' dès qu''il est disponible, puis relancez.' as correction,
    '' as code_reservataire
from ref.exercice
inner join intermediaire.millesimes on millesimes.usage = 'annexe' and exercice.annee = millesimes.millesime
