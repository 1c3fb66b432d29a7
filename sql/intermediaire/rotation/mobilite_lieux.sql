-- Mobilité officielle lue dans le RPLS de millésime N+1 : baux de l'année N, logements proposés à la location, vacants.
-- Source : note de domaine, section 5.
-- Grain : un lieu.
-- Clé : id_lieu
select
    parc.id_lieu,
    count(*) filter (where parc.annee_bail >= exercice.annee and parc.annee_location < exercice.annee) as nb_baux,
    count(*) filter (
        where parc.annee_location < exercice.annee and parc.mode_occupation in ('1', '2')
    ) as nb_proposes,
    count(*) filter (where parc.mode_occupation = '2') as nb_vacants,
    count(*) filter (where parc.mode_occupation in ('1', '2')) as nb_loues_ou_vacants,
    count(parc.mode_occupation) > 0 as est_occupation_fournie
from intermediaire.parc
inner join ref.exercice on parc.millesime = exercice.annee + 1
group by parc.id_lieu
