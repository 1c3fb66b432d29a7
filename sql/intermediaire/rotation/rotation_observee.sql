-- Taux de rotation de l'exercice annoncé et observé, sur la base choisie par la convention.
-- Source : [002] art. 6.1.
-- Grain : un réservataire.
-- Clé : code_reservataire
with

parcs as (
    select
        perimetres_lieux.id_convention,
        sum(parc_lieux.nb_soumis) as nb_soumis
    from intermediaire.perimetres_lieux
    inner join intermediaire.parc_lieux using (usage, profil, id_lieu)
    where perimetres_lieux.usage = 'bilan'
    group by perimetres_lieux.id_convention
),

observes as (
    select
        conventions.code_reservataire,
        coalesce(parcs.nb_soumis, 0) as nb_soumis,
        case
            when conventions.base_rotation like 'rpls_%'
                then if(rotation_rpls.taux is null, null, rotation_rpls.nb_baux)
            when tables_fournies.est_fournie then rotation_liberations.nb_liberations
        end as numerateur,
        if(
            conventions.base_rotation like 'rpls_%', rotation_rpls.nb_proposes, rotation_liberations.nb_parc_soumis
        ) as denominateur
    from intermediaire.bilans
    inner join intermediaire.conventions_datees as conventions on bilans.id_convention = conventions.id_convention
    inner join ref.tables_fournies on tables_fournies.table_metier = 'liberations'
    left join parcs on bilans.id_convention = parcs.id_convention
    left join intermediaire.rotation_liberations
        on bilans.id_convention = rotation_liberations.id_convention and rotation_liberations.usage = 'bilan'
    left join intermediaire.rotation_rpls
        on bilans.id_convention = rotation_rpls.id_convention and rotation_rpls.usage = 'bilan'
),

cumules as (
    select
        code_reservataire,
        cast(sum(nb_soumis) as bigint) as nb_soumis,
        if(
            count(*) = 1, part_de(1, min(numerateur), min(denominateur)), null
        ) as taux_seul,
        if(
            count(numerateur) = count(*),
            sum(part_de(nb_soumis, numerateur, denominateur)),
            null
        ) as nb_observees
    from observes
    group by code_reservataire
)

select
    cumules.code_reservataire,
    cumules.nb_soumis,
    objectif_reservataire.taux_rotation_annonce_pct,
    coalesce(cumules.taux_seul, part_de(cumules.nb_observees, 1, cumules.nb_soumis)) as taux,
    cumules.nb_observees - part_de(
        objectif_reservataire.taux_rotation_annonce_pct, cumules.nb_soumis, 100
    ) as effet
from cumules
left join intermediaire.objectif_reservataire
    on cumules.code_reservataire = objectif_reservataire.code_reservataire
