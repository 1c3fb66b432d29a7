-- Taux de rotation de l'exercice annoncé et observé, sur la base choisie par la convention.
-- Source : [002] art. 6.1.
-- Grain : un réservataire.
-- Clé : code_reservataire
with

parcs as (
    select
        perimetres.id_convention,
        count(*) filter (where perimetres.est_soumis) as nb_soumis
    from intermediaire.perimetres
    inner join intermediaire.millesimes on perimetres.millesime = millesimes.millesime and millesimes.usage = 'bilan'
    group by perimetres.id_convention
),

observes as (
    select
        conventions.code_reservataire,
        coalesce(parcs.nb_soumis, 0) as nb_soumis,
        case
            when conventions.base_rotation like 'rpls_%' then rotation_rpls.taux
            when tables_fournies.est_fournie
                then fraction(rotation_liberations.nb_liberations, rotation_liberations.nb_parc_soumis)
        end as taux
    from intermediaire.conventions
    inner join ref.tables_fournies on tables_fournies.table_metier = 'liberations'
    left join parcs on conventions.id_convention = parcs.id_convention
    left join intermediaire.rotation_liberations on conventions.id_convention = rotation_liberations.id_convention
    left join intermediaire.rotation_rpls on conventions.id_convention = rotation_rpls.id_convention
),

-- une fraction par étape : les fonctions sur fractions imbriquées coûtent cher à préparer
ponderes as (
    select
        *,
        produit(fraction(nb_soumis, 1), taux) as liberations
    from observes
),

cumules as (
    select
        code_reservataire,
        sum(nb_soumis) as nb_soumis,
        count(*) as nb_conventions,
        any_value(taux) as taux_seul,
        if(count(taux) = count(*), cumul(list(liberations)), null) as liberations
    from ponderes
    group by code_reservataire
),

annonces as (
    select
        cumules.*,
        objectif_reservataire.taux_rotation_annonce_pct,
        fraction(cumules.nb_soumis, 100) as parc_en_pct,
        en_fraction(objectif_reservataire.taux_rotation_annonce_pct) as taux_annonce
    from cumules
    left join intermediaire.objectif_reservataire
        on cumules.code_reservataire = objectif_reservataire.code_reservataire
),

attendues as (
    select
        *,
        produit(parc_en_pct, taux_annonce) as liberations_annoncees
    from annonces
)

select
    code_reservataire,
    nb_soumis,
    taux_rotation_annonce_pct,
    if(nb_conventions = 1, taux_seul, produit(liberations, fraction(1, nb_soumis))) as taux,
    difference(liberations, liberations_annoncees) as effet
from attendues
