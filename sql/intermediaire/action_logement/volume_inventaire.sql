-- Inventaire et conversion du volume de droits d'Action Logement : Σ droits de suite × durée moyenne restante ×
-- taux de rotation.
-- Source : [000] annexe 1a, art. 2.2.
-- Grain : un réservataire.
-- Clé : code_reservataire
with

droits as (
    select
        code_reservataire,
        sum(nombre_droits) filter (where classe_droit = 'ds') as nb_ds,
        sum(nombre_droits) filter (where classe_droit = 'ds' and nb_jours_restants is not null) as nb_ds_avec_terme,
        sum(nombre_droits * nb_jours_restants) filter (where classe_droit = 'ds') as nb_droits_jours,
        sum(nombre_droits) filter (where classe_droit = 'collectif') as nb_collectifs,
        sum(nombre_droits) filter (where classe_droit = 'pnru') as nb_pnru,
        sum(nombre_droits) filter (where classe_droit = 'npnru') as nb_npnru,
        sum(nombre_droits) filter (where classe_droit = 'du') as nb_du,
        sum(nombre_droits) filter (where classe_droit = 'du' and origine_droit = 'npnru') as nb_du_npnru
    from intermediaire.volume_droits_classes
    where est_en_cours
    group by code_reservataire
),

npnru as (
    select
        code_reservataire,
        if(count(du_retenu) = count(*), sum(du_retenu), null) as du_retenu,
        if(count(du_exact) = count(*), sum(du_exact), null) as du_exact,
        sum(nb_sans_coefficient) as nb_sans_coefficient
    from intermediaire.volume_npnru
    group by code_reservataire
),

operations as (
    select
        code_reservataire,
        sum(nb_ds) as nb_ds,
        if(
            count(*) filter (where nb_ds > 0 and du_equivalents is null) > 0,
            null,
            sum(du_equivalents) filter (where nb_ds > 0)
        ) as du_equivalents,
        sum(nb_du_premier_tour) as nb_premier_tour,
        sum(nb_du_parc) as nb_parc,
        sum(nb_du_premier_tour + nb_du_parc) filter (where origine_droit = 'npnru') as nb_npnru
    from intermediaire.volume_operations
    where est_engagee
    group by code_reservataire
),

fournies as (
    select
        bool_or(est_fournie) filter (where table_metier = 'droits') as droits_fournis,
        bool_or(est_fournie) filter (where table_metier = 'programmes_neufs') as programmes_fournis
    from ref.tables_fournies
),

-- ce qui n'a pas été fourni reste inconnu ; ce qui l'a été et n'a pas de ligne vaut zéro
nombres as (
    select
        reglages.*,
        if(fournies.droits_fournis, coalesce(droits.nb_ds, 0), null) as nb_ds,
        if(fournies.droits_fournis, coalesce(droits.nb_ds - droits.nb_ds_avec_terme, 0), null) as nb_ds_sans_terme,
        if(fournies.droits_fournis, coalesce(droits.nb_collectifs, 0), null) as nb_collectifs,
        if(fournies.droits_fournis, coalesce(droits.nb_pnru, 0), null) as nb_pnru,
        if(fournies.droits_fournis, coalesce(droits.nb_npnru, 0), null) as nb_npnru,
        if(fournies.droits_fournis, coalesce(droits.nb_du, 0), null) as nb_du,
        if(fournies.droits_fournis, coalesce(droits.nb_du_npnru, 0), null) as nb_du_npnru,
        -- en années de 365,25 jours, soit 1461 jours pour quatre ans
        part_de(
            4 * droits.nb_droits_jours,
            1000000,
            cast(1461 as hugeint) * millioniemes(nullif(droits.nb_ds_avec_terme, 0))
        ) as duree_moyenne,
        if(coalesce(droits.nb_npnru, 0) = 0, montant(0), npnru.du_exact) as npnru_exact,
        if(coalesce(droits.nb_npnru, 0) = 0, montant(0), npnru.du_retenu) as npnru_plafonne,
        coalesce(npnru.nb_sans_coefficient, 0) as nb_sans_coefficient,
        fournies.programmes_fournis,
        if(fournies.programmes_fournis, coalesce(operations.nb_ds, 0), null) as operations_ds,
        if(fournies.programmes_fournis, coalesce(operations.nb_premier_tour, 0), null) as operations_premier_tour,
        if(fournies.programmes_fournis, coalesce(operations.nb_parc, 0), null) as operations_parc,
        if(fournies.programmes_fournis, coalesce(operations.nb_npnru, 0), null) as operations_npnru,
        case
            when not fournies.programmes_fournis then null
            when coalesce(operations.nb_ds, 0) = 0 then montant(0)
            else operations.du_equivalents
        end as operations_equivalents
    from intermediaire.volumes_reglages as reglages
    cross join fournies
    left join droits on reglages.code_reservataire = droits.code_reservataire
    left join npnru on reglages.code_reservataire = npnru.code_reservataire
    left join operations on reglages.code_reservataire = operations.code_reservataire
),

conversion as (
    select
        *,
        if(
            nb_ds = 0,
            montant(0),
            produit(part_de(duree_moyenne, millioniemes(nb_ds), 1000000), taux)
        ) as ds_convertis,
        coalesce(volume_negocie_npnru, npnru_plafonne) as npnru_convertis
    from nombres
),

volumes as (
    select
        *,
        ds_convertis + npnru_convertis as du_calcules,
        coalesce(volume_negocie, ds_convertis + npnru_convertis) as du_convertis
    from conversion
)

select
    *,
    du_convertis + nb_du + if(
        programmes_fournis, operations_equivalents + operations_premier_tour + operations_parc, 0
    ) as du_total,
    npnru_convertis + nb_du_npnru + coalesce(operations_npnru, 0) as npnru_total
from volumes
