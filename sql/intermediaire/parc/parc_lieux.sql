-- Le parc, compté une fois : logements de chaque lieu à la date de chaque usage, et ceux du parc soumis selon les
-- options d'exclusion (profil).
-- Source : contrat, « Parc ».
-- Grain : un usage, un profil et un lieu.
-- Clé : usage, profil, id_lieu
with

profils as (
    select distinct profil from intermediaire.bilans_a_date
),

totaux as (
    select
        millesimes.usage,
        parc.id_lieu,
        count(*) as nb_logements
    from intermediaire.parc
    inner join intermediaire.millesimes on parc.millesime = millesimes.millesime
    group by millesimes.usage, parc.id_lieu
),

exclus as (
    select
        usage,
        profil,
        id_lieu,
        count(*) as nb_exclus
    from intermediaire.exclusions_retenues
    group by usage, profil, id_lieu
)

select
    totaux.usage,
    profils.profil,
    totaux.id_lieu,
    totaux.nb_logements,
    totaux.nb_logements - coalesce(exclus.nb_exclus, 0) as nb_soumis
from totaux
cross join profils
left join exclus
    on totaux.usage = exclus.usage and profils.profil = exclus.profil and totaux.id_lieu = exclus.id_lieu
