-- Part de l'année écoulée à la date d'arrêté d'un point d'étape ; vide quand l'exercice est complet.
-- Grain : l'exercice.
-- Clé : annee
select
    annee,
    date_diff('day', date_debut, date_fin) + 1 as jours_ecoules,
    date_diff('day', date_debut, make_date(annee, 12, 31)) + 1 as jours_annee
from ref.exercice
where est_provisoire
