-- Libérations du parc soumis au 1er janvier N, de l'exercice et de trois ans, selon les options d'exclusion (profil).
-- Source : contrat, « Releases ».
-- Grain : un profil et un lieu.
-- Clé : profil, id_lieu
with

profils as (
    select distinct profil from intermediaire.bilans_a_date
),

liberes as (
    select
        parc.id_lieu,
        parc.id_logement,
        count(*) filter (where liberations_uniques.annee_liberation = exercice.annee) as nb_exercice,
        count(*) as nb_trois_ans
    from intermediaire.liberations_uniques
    inner join ref.exercice
        on liberations_uniques.date_liberation between make_date(exercice.annee - 2, 1, 1) and exercice.date_fin
    inner join intermediaire.parc
        on liberations_uniques.id_logement = parc.id_logement and exercice.annee = parc.millesime
    group by parc.id_lieu, parc.id_logement
),

totaux as (
    select
        id_lieu,
        sum(nb_exercice) as nb_exercice,
        sum(nb_trois_ans) as nb_trois_ans
    from liberes
    group by id_lieu
),

exclus as (
    select
        exclusions_retenues.profil,
        liberes.id_lieu,
        sum(liberes.nb_exercice) as nb_exercice,
        sum(liberes.nb_trois_ans) as nb_trois_ans
    from liberes
    inner join intermediaire.exclusions_retenues
        on liberes.id_logement = exclusions_retenues.id_logement and exclusions_retenues.usage = 'bilan'
    group by exclusions_retenues.profil, liberes.id_lieu
)

select
    profils.profil,
    totaux.id_lieu,
    cast(totaux.nb_exercice - coalesce(exclus.nb_exercice, 0) as bigint) as nb_liberations,
    cast(totaux.nb_trois_ans - coalesce(exclus.nb_trois_ans, 0) as bigint) as nb_liberations_3_ans
from totaux
cross join profils
left join exclus on profils.profil = exclus.profil and totaux.id_lieu = exclus.id_lieu
