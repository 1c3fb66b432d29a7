-- Jours fériés, de cinq ans avant l'exercice à cinq ans après : les onze de la loi (Code du travail, L.3133-1)
-- et ceux d'un département quand ils ne tombent pas déjà un jour férié partout.
-- Source : L.3134-13, L.3422-2.
-- Grain : un jour et un département (vide : partout).
-- Clé : date_feriee, code_departement
with

annees as (
    select unnest(range(annee - 5, annee + 6)) as annee
    from ref.exercice
),

-- Dimanche de Pâques du calendrier grégorien (algorithme de Meeus, Jones et Butcher).
rangs as (
    select
        annee,
        annee % 19 as lune,
        annee // 100 as siecle,
        annee % 100 as rang
    from annees
),

epactes as (
    select
        annee,
        lune,
        rang,
        siecle,
        (19 * lune + siecle - siecle // 4 - (siecle - (siecle + 8) // 25 + 1) // 3 + 15) % 30 as epacte
    from rangs
),

semaines as (
    select
        annee,
        lune,
        epacte,
        (32 + 2 * (siecle % 4) + 2 * (rang // 4) - epacte - rang % 4) % 7 as semaine
    from epactes
),

numeros as (
    select
        annee,
        epacte + semaine - 7 * ((lune + 11 * epacte + 22 * semaine) // 451) + 114 as numero
    from semaines
),

paques as (
    select
        annee,
        make_date(annee, numero // 31, numero % 31 + 1) as dimanche
    from numeros
),

dates as (
    select distinct
        coalesce(
            make_date(paques.annee, cast(jours_feries.mois as bigint), cast(jours_feries.jour_du_mois as bigint)),
            paques.dimanche + cast(jours_feries.jours_apres_paques as integer)
        ) as date_feriee,
        coalesce(jours_feries.code_departement, '') as code_departement
    from ref.jours_feries
    cross join paques
)

select
    dates.date_feriee,
    dates.code_departement
from dates
left join dates as nationales on dates.date_feriee = nationales.date_feriee and nationales.code_departement = ''
where dates.code_departement = '' or nationales.date_feriee is null
