-- Le flux dont le bailleur a disposé sur le périmètre ([002] art. 6.2) : parc soumis, libérations, livraisons,
-- mutations et relogements.
-- Grain : un bilan, une dimension et une modalité.
-- Clé : code_reservataire, dimension, modalite
with

fournies as (
    select
        bool_or(est_fournie) filter (where table_metier = 'liberations') as liberations_fournies,
        bool_or(est_fournie) filter (where table_metier = 'attributions') as attributions_fournies
    from ref.tables_fournies
),

suivant as (
    select bool_or(millesimes.millesime = exercice.annee + 1) as est_fourni
    from intermediaire.millesimes
    cross join ref.exercice
    where millesimes.usage = 'annexe'
),

faits as (
    select
        hors_flux.code_reservataire,
        categories.mesure,
        hors_flux.id_logement
    from intermediaire.hors_flux
    inner join ref.categories on hors_flux.categorie = categories.categorie
    union all
    select
        code_reservataire,
        'livraisons' as mesure,
        id_logement
    from intermediaire.livraisons
),

comptes as (
    select
        faits.code_reservataire,
        faits.mesure,
        modalites_logement.dimension,
        modalites_logement.modalite,
        count(*) as nombre
    from faits
    inner join intermediaire.modalites_logement on faits.id_logement = modalites_logement.id_logement
    group by faits.code_reservataire, faits.mesure, modalites_logement.dimension, modalites_logement.modalite
    union all
    select
        code_reservataire,
        mesure,
        dimension,
        modalite,
        cast(nombre as bigint) as nombre
    from bilan.mesures
    where mesure in ('parc_soumis', 'liberations') and dimension not in ('public', 'quartile')
),

croises as (
    select
        code_reservataire,
        dimension,
        modalite,
        coalesce(any_value(nombre) filter (where mesure = 'parc_soumis'), 0) as parc_soumis,
        coalesce(any_value(nombre) filter (where mesure = 'liberations'), 0) as liberations,
        coalesce(any_value(nombre) filter (where mesure = 'livraisons'), 0) as livraisons,
        coalesce(any_value(nombre) filter (where mesure = 'mutations_internes'), 0) as mutations_internes,
        coalesce(any_value(nombre) filter (where mesure = 'relogements_anru'), 0) as relogements_anru,
        coalesce(any_value(nombre) filter (where mesure = 'relogements_orcod'), 0) as relogements_orcod,
        coalesce(any_value(nombre) filter (where mesure = 'relogements_lhi'), 0) as relogements_lhi,
        coalesce(any_value(nombre) filter (where mesure = 'relogements_vente'), 0) as relogements_vente
    from comptes
    group by code_reservataire, dimension, modalite
)

select
    croises.code_reservataire,
    croises.dimension,
    dimensions.libelle as libelle_dimension,
    croises.modalite,
    coalesce(libelles_modalites.libelle_modalite, croises.modalite) as libelle_modalite,
    100 * dimensions.ordre + coalesce(libelles_modalites.ordre, 50) as ordre,
    croises.parc_soumis,
    if(fournies.liberations_fournies, croises.liberations, null) as liberations,
    if(suivant.est_fourni, croises.livraisons, null) as livraisons,
    if(fournies.attributions_fournies, croises.mutations_internes, null) as mutations_internes,
    if(fournies.attributions_fournies, croises.relogements_anru, null) as relogements_anru,
    if(fournies.attributions_fournies, croises.relogements_orcod, null) as relogements_orcod,
    if(fournies.attributions_fournies, croises.relogements_lhi, null) as relogements_lhi,
    if(fournies.attributions_fournies, croises.relogements_vente, null) as relogements_vente
from croises
cross join fournies
cross join suivant
inner join ref.dimensions on croises.dimension = dimensions.dimension
left join intermediaire.libelles_modalites
    on croises.dimension = libelles_modalites.dimension and croises.modalite = libelles_modalites.modalite
