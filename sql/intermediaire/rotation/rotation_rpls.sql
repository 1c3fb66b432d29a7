-- Mobilité officielle lue dans le RPLS de millésime N+1 : baux de l'année N sur logements proposés à la
-- location.
-- Source : note de domaine, section 5.
-- Grain : un bilan et un territoire.
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
),

-- les fichiers publics n'ont ni mode d'occupation ni bail : ils ne donnent jamais une rotation
occupation as (
    select coalesce(bool_or(parc.mode_occupation is not null), false) as est_fournie
    from intermediaire.parc
    inner join ref.exercice on parc.millesime = exercice.annee + 1
),

comptes as (
    select
        id_convention,
        count(*) filter (where annee_bail >= annee and annee_location < annee) as nb_baux,
        count(*) filter (where annee_location < annee and mode_occupation in ('1', '2')) as nb_proposes,
        count(*) filter (where mode_occupation = '2') as nb_vacants,
        count(*) filter (where mode_occupation in ('1', '2')) as nb_loues_ou_vacants
    from parcs
    group by id_convention
)

select
    bilans.id_convention,
    coalesce(comptes.nb_baux, 0) as nb_baux,
    coalesce(comptes.nb_proposes, 0) as nb_proposes,
    coalesce(comptes.nb_vacants, 0) as nb_vacants,
    coalesce(comptes.nb_loues_ou_vacants, 0) as nb_loues_ou_vacants,
    case
        when not occupation.est_fournie then null
        when coalesce(comptes.nb_proposes, 0) = 0 then fraction(0, 1)
        else fraction(comptes.nb_baux, comptes.nb_proposes)
    end as taux
from intermediaire.bilans
cross join occupation
left join comptes using (id_convention)
