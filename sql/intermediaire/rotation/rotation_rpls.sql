-- Mobilité officielle de chaque bilan, sur le territoire ou sur le bailleur entier.
-- Source : note de domaine, section 5.
-- Grain : un usage, un bilan et un territoire.
-- Clé : usage, id_convention
with

-- les fichiers publics n'ont ni mode d'occupation ni bail : ils ne donnent jamais une rotation
occupation as (
    select coalesce(bool_or(est_occupation_fournie), false) as est_fournie
    from intermediaire.mobilite_lieux
),

bilans as (
    select *
    from intermediaire.bilans_a_date
    where usage in ('bilan', 'annexe')
),

totaux as (
    select
        sum(nb_baux) as nb_baux,
        sum(nb_proposes) as nb_proposes,
        sum(nb_vacants) as nb_vacants,
        sum(nb_loues_ou_vacants) as nb_loues_ou_vacants
    from intermediaire.mobilite_lieux
),

comptes as (
    select
        bilans.usage,
        bilans.id_convention,
        sum(mobilite_lieux.nb_baux) as nb_baux,
        sum(mobilite_lieux.nb_proposes) as nb_proposes,
        sum(mobilite_lieux.nb_vacants) as nb_vacants,
        sum(mobilite_lieux.nb_loues_ou_vacants) as nb_loues_ou_vacants
    from bilans
    inner join intermediaire.perimetres_lieux using (usage, id_convention)
    inner join intermediaire.mobilite_lieux on perimetres_lieux.id_lieu = mobilite_lieux.id_lieu
    where bilans.portee_rotation = 'territoire'
    group by bilans.usage, bilans.id_convention
    union all
    select
        bilans.usage,
        bilans.id_convention,
        totaux.*
    from bilans
    cross join totaux
    where bilans.portee_rotation = 'bailleur'
)

select
    bilans.usage,
    bilans.id_convention,
    cast(coalesce(comptes.nb_baux, 0) as bigint) as nb_baux,
    cast(coalesce(comptes.nb_proposes, 0) as bigint) as nb_proposes,
    cast(coalesce(comptes.nb_vacants, 0) as bigint) as nb_vacants,
    cast(coalesce(comptes.nb_loues_ou_vacants, 0) as bigint) as nb_loues_ou_vacants,
    if(
        occupation.est_fournie, part_de(1, coalesce(comptes.nb_baux, 0), coalesce(comptes.nb_proposes, 0)), null
    ) as taux
from bilans
cross join occupation
left join comptes using (usage, id_convention)
