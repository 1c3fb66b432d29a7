-- Libérations du parc soumis au 1er janvier N, par année et par bilan, sur le territoire et sur le bailleur
-- entier avec les mêmes options.
-- Grain : un bilan et un territoire.
-- Clé : id_convention
with

annees_du_fichier as (
    select count(distinct liberations_uniques.annee_liberation) as nb_annees
    from intermediaire.liberations_uniques
    inner join ref.exercice
        on liberations_uniques.date_liberation between make_date(exercice.annee - 2, 1, 1) and exercice.date_fin
),

parcs as (
    select
        bilans.id_convention,
        bilans.portee_rotation,
        parc_par_profil.id_logement,
        parc_par_profil.est_soumis
    from intermediaire.bilans
    inner join intermediaire.parc_par_profil on bilans.profil = parc_par_profil.profil
    inner join intermediaire.millesimes
        on parc_par_profil.millesime = millesimes.millesime and millesimes.usage = 'bilan'
    where bilans.portee_rotation = 'bailleur'
    union all
    select
        bilans.id_convention,
        bilans.portee_rotation,
        perimetres.id_logement,
        perimetres.est_soumis
    from intermediaire.bilans
    inner join intermediaire.perimetres on bilans.id_convention = perimetres.id_convention
    inner join intermediaire.millesimes
        on perimetres.millesime = millesimes.millesime and millesimes.usage = 'bilan'
    where bilans.portee_rotation = 'territoire'
),

soumis as (
    select
        id_convention,
        id_logement
    from parcs
    where est_soumis
),

liberes as (
    select
        soumis.id_convention,
        count(*) filter (where liberations_uniques.annee_liberation = exercice.annee) as nb_exercice,
        count(*) as nb_trois_ans
    from soumis
    inner join intermediaire.liberations_uniques on soumis.id_logement = liberations_uniques.id_logement
    inner join ref.exercice
        on liberations_uniques.date_liberation between make_date(exercice.annee - 2, 1, 1) and exercice.date_fin
    group by soumis.id_convention
),

tailles as (
    select
        id_convention,
        count(*) as nb_logements
    from soumis
    group by id_convention
)

select
    bilans.id_convention,
    coalesce(tailles.nb_logements, 0) as nb_parc_soumis,
    coalesce(liberes.nb_exercice, 0) as nb_liberations,
    coalesce(liberes.nb_trois_ans, 0) as nb_liberations_3_ans,
    annees_du_fichier.nb_annees,
    coalesce(liberes.nb_exercice, 0) = 0 as est_moyenne_3_ans,
    case
        when not tables_fournies.est_fournie then null
        when coalesce(liberes.nb_exercice, 0) > 0 then fraction(liberes.nb_exercice, tailles.nb_logements)
        when coalesce(liberes.nb_trois_ans, 0) > 0
            then fraction(liberes.nb_trois_ans, annees_du_fichier.nb_annees * tailles.nb_logements)
        else fraction(0, 1)
    end as taux
from intermediaire.bilans
cross join annees_du_fichier
inner join ref.tables_fournies on tables_fournies.table_metier = 'liberations'
left join liberes using (id_convention)
left join tailles using (id_convention)
