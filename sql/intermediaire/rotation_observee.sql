-- Taux de rotation de l'exercice annoncé et observé, sur la base choisie par la convention ([002] art. 6.1). Grain : un réservataire.
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

reunis as (
    select
        code_reservataire,
        sum(nb_soumis) as nb_soumis,
        if(
            count(taux) = count(*),
            if(
                count(*) = 1,
                any_value(taux),
                produit(cumul(list(produit(fraction(nb_soumis, 1), taux))), fraction(1, sum(nb_soumis)))
            ),
            null
        ) as taux
    from observes
    group by code_reservataire
)

select
    reunis.code_reservataire,
    reunis.nb_soumis,
    objectif_reservataire.taux_rotation_annonce_pct,
    reunis.taux,
    produit(
        fraction(reunis.nb_soumis, 1),
        difference(
            reunis.taux,
            produit(en_fraction(objectif_reservataire.taux_rotation_annonce_pct), fraction(1, 100))
        )
    ) as effet
from reunis
left join intermediaire.objectif_reservataire on reunis.code_reservataire = objectif_reservataire.code_reservataire
