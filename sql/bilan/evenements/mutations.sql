-- Mutations internes de l'exercice sur le périmètre, par motif de la demande, et celles servies par un
-- réservataire.
-- Source : [002] art. 6.2, [000] art. 4-2.
-- Grain : un bilan et un motif.
-- Clé : code_reservataire, motif_mutation
with

motifs as (
    select
        hors_flux.code_reservataire,
        coalesce(hors_flux.motif_mutation, 'Non renseigné') as motif_mutation,
        coalesce(
            hors_flux.reservataire = hors_flux.code_reservataire
            or (entetes.nature_bilan <> 'reservataire' and hors_flux.reservataire is not null),
            false
        ) as est_servie
    from intermediaire.hors_flux
    inner join bilan.entetes on hors_flux.code_reservataire = entetes.code_reservataire
    where hors_flux.categorie = 'mutation_interne'
),

comptes as (
    select
        code_reservataire,
        motif_mutation,
        count(*) as nombre,
        count(*) filter (where est_servie) as nombre_servi
    from motifs
    group by code_reservataire, motif_mutation
),

totaux as (
    select
        entetes.code_reservataire,
        'Toutes les mutations' as motif_mutation,
        coalesce(sum(comptes.nombre), 0) as nombre,
        coalesce(sum(comptes.nombre_servi), 0) as nombre_servi
    from bilan.entetes
    inner join ref.tables_fournies on tables_fournies.table_metier = 'attributions' and tables_fournies.est_fournie
    left join comptes on entetes.code_reservataire = comptes.code_reservataire
    group by entetes.code_reservataire
)

select
    comptes.code_reservataire,
    comptes.motif_mutation,
    false as est_total,
    comptes.nombre,
    part_pct(comptes.nombre, totaux.nombre) as part_pct,
    comptes.nombre_servi
from comptes
inner join totaux on comptes.code_reservataire = totaux.code_reservataire
union all
select
    code_reservataire,
    motif_mutation,
    true as est_total,
    nombre,
    part_pct(nombre, nombre) as part_pct,
    nombre_servi
from totaux
