-- Millésime du RPLS qui sert au bilan (N) et celui qui sert à l'annexe (N+1, à défaut N). Grain : un usage.
-- Clé : usage
with

suivant as (
    select count(*) > 0 as est_fourni
    from staging.rpls
    inner join ref.exercice on rpls.millesime = exercice.annee + 1
),

usages as (
    select
        'bilan' as usage,
        annee as millesime
    from ref.exercice
    union all
    select
        'annexe' as usage,
        if(suivant.est_fourni, exercice.annee + 1, exercice.annee) as millesime
    from ref.exercice
    cross join suivant
)

select
    usage,
    millesime,
    make_date(millesime, 1, 1) as date_etat
from usages
