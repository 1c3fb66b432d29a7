-- Jours, de cinq ans avant l'exercice à cinq ans après, et nombre de jours ouvrables écoulés (du lundi au
-- samedi, hors fêtes nationales).
-- Grain : un jour.
-- Clé : jour
with

jours as (
    select cast(unnest(range(make_date(annee - 5, 1, 1), make_date(annee + 6, 1, 1), interval 1 day)) as date) as jour
    from ref.exercice
)

select
    jours.jour,
    sum(if(dayofweek(jours.jour) <> 0 and jours_feries.date_feriee is null, 1, 0)) over (
        order by jours.jour asc
    ) as nb_ouvrables
from jours
left join intermediaire.jours_feries on jours.jour = jours_feries.date_feriee and jours_feries.code_departement = ''
