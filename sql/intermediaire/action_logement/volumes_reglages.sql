-- Réglages du volume de droits de chaque convention Action Logement : date de l'inventaire, taux de rotation,
-- volumes négociés.
-- Source : [000] annexe 1b.
-- Grain : un réservataire.
-- Clé : code_reservataire
with

donnes as (
    select
        volumes_droits.code_reservataire,
        max(volumes_droits.date_inventaire) as date_inventaire,
        max(volumes_droits.taux_rotation_pct) as taux_rotation_pct,
        max(volumes_droits.volume_negocie) as volume_negocie,
        max(volumes_droits.volume_negocie_npnru) as volume_negocie_npnru,
        max(volumes_droits.stock_ouverture) as stock_ouverture
    from staging.volumes_droits
    inner join ref.exercice on volumes_droits.annee = exercice.annee
    group by volumes_droits.code_reservataire
)

select
    conventions.code_reservataire,
    coalesce(donnes.date_inventaire, make_date(exercice.annee - 1, 12, 31)) as date_inventaire,
    exercice.date_debut as debut_exercice,
    exercice.date_fin as fin_exercice,
    coalesce(part_de(donnes.taux_rotation_pct, 1, 100), calcul_flux.d) as taux,
    if(donnes.taux_rotation_pct is null, 'de la convention', 'donné dans volumes_droits') as origine_taux,
    donnes.volume_negocie,
    donnes.volume_negocie_npnru,
    donnes.stock_ouverture
from intermediaire.conventions
cross join ref.exercice
left join intermediaire.calcul_flux
    on conventions.id_convention = calcul_flux.id_convention and calcul_flux.usage = 'annexe'
left join donnes on conventions.code_reservataire = donnes.code_reservataire
where conventions.type_reservataire = 'action_logement' and conventions.numero = 1
