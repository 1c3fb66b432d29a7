-- Millésime du RPLS qui sert à chaque usage, et la date à laquelle les droits sont regardés : le bilan (N),
-- l'annexe (N+1, à défaut N), l'état des lieux (le plus proche de sa date) et l'état précédent (un an avant,
-- s'il est fourni).
-- Grain : un usage.
-- Clé : usage
with

fournis as (
    select distinct millesime
    from staging.rpls
),

suivant as (
    select count(*) > 0 as est_fourni
    from fournis
    inner join ref.exercice on fournis.millesime = exercice.annee + 1
),

de_l_etat as (
    select
        etat_des_lieux.date_etat_des_lieux,
        etat_des_lieux.date_etat_precedent,
        coalesce(
            arg_min(
                fournis.millesime,
                (
                    abs(date_diff('day', make_date(fournis.millesime, 1, 1), etat_des_lieux.date_etat_des_lieux)),
                    fournis.millesime
                )
            ),
            max(exercice.annee)
        ) as millesime
    from ref.etat_des_lieux
    cross join ref.exercice
    left join fournis on fournis.millesime between exercice.annee and exercice.annee + 1
    group by etat_des_lieux.date_etat_des_lieux, etat_des_lieux.date_etat_precedent
)

select
    'bilan' as usage,
    annee as millesime,
    make_date(annee, 1, 1) as date_etat
from ref.exercice
union all
select
    'annexe' as usage,
    exercice.annee + if(suivant.est_fourni, 1, 0) as millesime,
    make_date(exercice.annee + 1, 1, 1) as date_etat
from ref.exercice
cross join suivant
union all
select
    'etat' as usage,
    millesime,
    date_etat_des_lieux as date_etat
from de_l_etat
union all
select
    'etat_precedent' as usage,
    fournis.millesime,
    de_l_etat.date_etat_precedent as date_etat
from de_l_etat
inner join fournis on de_l_etat.millesime - 1 = fournis.millesime
