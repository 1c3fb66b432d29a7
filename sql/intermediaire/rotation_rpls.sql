-- Mobilité officielle lue dans le RPLS de millésime N+1 : baux de l'année N sur logements proposés à la location (note de domaine, section 5). Grain : un bilan et un territoire.
-- Clé : id_convention
with

parcs as (
    select
        bilans.id_convention,
        parc.annee_location,
        parc.annee_bail,
        parc.mode_occupation,
        exercice.annee
    from intermediaire.bilans
    cross join ref.exercice
    inner join intermediaire.parc on parc.millesime = exercice.annee + 1
    left join intermediaire.perimetres
        on
            bilans.id_convention = perimetres.id_convention
            and parc.millesime = perimetres.millesime
            and parc.id_logement = perimetres.id_logement
    where bilans.portee_rotation = 'bailleur' or perimetres.id_logement is not null
)

select
    id_convention,
    count(*) filter (where annee_bail >= annee and annee_location < annee) as nb_baux,
    count(*) filter (where annee_location < annee and mode_occupation in ('1', '2')) as nb_proposes,
    count(*) filter (where mode_occupation = '2') as nb_vacants,
    count(*) filter (where mode_occupation in ('1', '2')) as nb_loues_ou_vacants,
    fraction(
        count(*) filter (where annee_bail >= annee and annee_location < annee),
        count(*) filter (where annee_location < annee and mode_occupation in ('1', '2'))
    ) as taux
from parcs
group by id_convention
