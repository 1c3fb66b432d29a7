-- La convention ne couvre pas l'exercice entier : le bilan est calculé quand même.
-- Source : contrat, « Doubles ».
-- Grain : une convention.
select
    'avertissement' as gravite,
    conventions.fichier,
    conventions.feuille,
    conventions.ligne,
    'date_debut, date_fin' as colonne,
    coalesce(strftime(conventions.date_debut, '%d/%m/%Y'), '') || ' – '
    || coalesce(strftime(conventions.date_fin, '%d/%m/%Y'), '') as valeur,
    'La convention de ' || conventions.code_reservataire || ' ne couvre pas tout l''exercice ' || exercice.annee
    || ' : le bilan est calculé quand même.' as message,
    'Vérifiez les dates ; si la convention est reconduite, dites-le dans ses options.' as correction,
    conventions.code_reservataire
from intermediaire.conventions
cross join ref.exercice
where
    coalesce(conventions.date_debut > exercice.date_debut, false)
    or coalesce(conventions.date_fin_reconduite < exercice.date_fin, false)
