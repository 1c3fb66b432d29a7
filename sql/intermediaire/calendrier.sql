-- Jours de 1990 à 2100 et nombre de jours ouvrables écoulés (du lundi au samedi, hors fêtes nationales). Grain : un jour.
-- Clé : jour
with

jours as (
    select cast(unnest(range(date '1990-01-01', date '2101-01-01', interval 1 day)) as date) as jour
)

select
    jours.jour,
    sum(if(dayofweek(jours.jour) <> 0 and jours_feries.date_feriee is null, 1, 0)) over (
        order by jours.jour asc
    ) as nb_ouvrables
from jours
left join intermediaire.jours_feries on jours.jour = jours_feries.date_feriee and jours_feries.code_departement = ''
