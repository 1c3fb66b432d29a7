-- Ce qui a changé dans le volume de droits d'Action Logement pendant l'exercice : droits nouveaux, opérations
-- abandonnées ou modifiées, placements par qui les désigne.
-- Source : [000] annexe 2a, art. 7.
-- Grain : un réservataire.
-- Clé : code_reservataire
with

droits as (
    select
        code_reservataire,
        sum(nombre_droits) filter (where nature_droit = 'du_premier_tour') as nb_premier_tour,
        sum(nombre_droits) filter (where nature_droit = 'du_parc') as nb_parc
    from intermediaire.volume_droits_classes
    where est_nouveau
    group by code_reservataire
),

operations as (
    select
        code_reservataire,
        sum(nb_du_premier_tour) filter (where est_nouvelle) as nb_premier_tour,
        sum(nb_du_parc) filter (where est_nouvelle) as nb_parc,
        sum(nb_du_premier_tour + nb_du_parc) filter (where est_abandonnee) as nb_abandonnes,
        count(*) filter (where est_abandonnee) as nb_operations_abandonnees,
        sum(nb_du_premier_tour + nb_du_parc - nb_du_avant) filter (where est_modifiee) as nb_modifies,
        count(*) filter (where est_modifiee) as nb_operations_modifiees,
        count(*) filter (where est_modifiee and nb_du_avant is null) as nb_modifications_inconnues
    from intermediaire.volume_operations
    group by code_reservataire
),

-- un placement est la consommation d'un droit unique par un bail signé ([000] annexe 2a, art. 1)
baux as (
    select
        candidatures.code_reservataire,
        candidatures.id_logement,
        candidatures.date_signature_bail,
        bool_and(coalesce(candidatures.designataire, '') = 'bailleur') as est_du_bailleur,
        bool_or(candidatures.est_premiere_location) as est_premier_tour
    from intermediaire.candidatures
    inner join ref.exercice on candidatures.date_signature_bail between exercice.date_debut and exercice.date_fin
    where candidatures.est_attribue and candidatures.categorie = 'droit_commun'
    group by candidatures.code_reservataire, candidatures.id_logement, candidatures.date_signature_bail
),

placements as (
    select
        code_reservataire,
        count(*) as nb_placements,
        count(*) filter (where not est_du_bailleur) as nb_par_reservataire,
        count(*) filter (where est_du_bailleur) as nb_par_bailleur,
        count(*) filter (where est_premier_tour) as nb_premier_tour
    from baux
    group by code_reservataire
),

fournies as (
    select
        bool_or(est_fournie) filter (where table_metier = 'droits') as droits_fournis,
        bool_or(est_fournie) filter (where table_metier = 'programmes_neufs') as programmes_fournis,
        bool_or(est_fournie) filter (where table_metier = 'attributions') as attributions_fournies
    from ref.tables_fournies
)

select
    reglages.code_reservataire,
    if(
        fournies.droits_fournis or fournies.programmes_fournis,
        coalesce(droits.nb_premier_tour, 0) + coalesce(operations.nb_premier_tour, 0), null
    ) as nb_nouveaux_premier_tour,
    if(
        fournies.droits_fournis or fournies.programmes_fournis,
        coalesce(droits.nb_parc, 0) + coalesce(operations.nb_parc, 0), null
    ) as nb_nouveaux_parc,
    if(fournies.programmes_fournis, coalesce(operations.nb_abandonnes, 0), null) as nb_abandonnes,
    coalesce(operations.nb_operations_abandonnees, 0) as nb_operations_abandonnees,
    if(
        fournies.programmes_fournis and coalesce(operations.nb_modifications_inconnues, 0) = 0,
        coalesce(operations.nb_modifies, 0), null
    ) as nb_modifies,
    coalesce(operations.nb_operations_modifiees, 0) as nb_operations_modifiees,
    coalesce(operations.nb_modifications_inconnues, 0) as nb_modifications_inconnues,
    if(fournies.attributions_fournies, coalesce(placements.nb_placements, 0), null) as nb_placements,
    if(fournies.attributions_fournies, coalesce(placements.nb_par_reservataire, 0), null) as nb_par_reservataire,
    if(fournies.attributions_fournies, coalesce(placements.nb_par_bailleur, 0), null) as nb_par_bailleur,
    if(fournies.attributions_fournies, coalesce(placements.nb_premier_tour, 0), null) as nb_placements_premier_tour
from intermediaire.volumes_reglages as reglages
cross join fournies
left join droits on reglages.code_reservataire = droits.code_reservataire
left join operations on reglages.code_reservataire = operations.code_reservataire
left join placements on reglages.code_reservataire = placements.code_reservataire
