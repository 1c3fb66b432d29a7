-- Aucun objectif annoncé pour l'exercice : l'atteinte est « non fourni ».
-- Grain : un réservataire.
select
    'information' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'flux_reservataire' as colonne,
    conventions.code_reservataire as valeur,
    'Aucun objectif ' || exercice.annee || ' pour ' || conventions.code_reservataire
    || ', ni dans la table objectifs, ni dans le bilan de l''exercice précédent.' as message,
    'Ajoutez une ligne à la table objectifs pour montrer l''atteinte.' as correction,
    conventions.code_reservataire
from intermediaire.conventions
cross join ref.exercice
inner join
    ref.types_reservataire
    on conventions.type_reservataire = types_reservataire.type_reservataire and types_reservataire.sans_objectif = 'non'
anti join intermediaire.objectif_reservataire using (code_reservataire)
where conventions.numero = 1
