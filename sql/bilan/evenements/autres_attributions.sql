-- Attributions hors flux (mutations, relogements, attributions du préfet après injonction), par catégorie et par
-- dimension : celles qui nomment le réservataire, et toutes celles de son territoire.
-- Source : CCH R.441-5 I al. 5, L.441-1 al. 34 ; [002] art. 6.2.
-- Grain : un bilan, une catégorie, une dimension et une modalité.
-- Clé : code_reservataire, categorie, dimension, modalite
with

categories as (
    select
        categorie,
        mesure,
        libelle,
        ordre
    from ref.categories
    union all
    select
        'injonction_prefet' as categorie,
        'attributions_injonction' as mesure,
        'Attributions du préfet après injonction' as libelle,
        99 as ordre
),

nommees as (
    select
        mesures.code_reservataire,
        categories.categorie,
        mesures.dimension,
        mesures.modalite,
        cast(mesures.nombre as bigint) as nombre
    from bilan.mesures
    inner join categories on mesures.mesure = categories.mesure
),

injonctions as (
    select distinct
        bilans.code_reservataire,
        'injonction_prefet' as categorie,
        faits_attributions.id_logement,
        faits_attributions.date_evenement
    from intermediaire.faits_attributions
    inner join intermediaire.territoires_logement on faits_attributions.id_logement = territoires_logement.id_logement
    inner join intermediaire.bilans
        on
            territoires_logement.echelle = bilans.echelle
            and territoires_logement.code_territoire = bilans.code_territoire
    where faits_attributions.code_reservataire = '_bailleur' and faits_attributions.mesure = 'attributions_injonction'
),

situees as (
    select
        code_reservataire,
        categorie,
        id_logement
    from intermediaire.hors_flux
    union all
    select
        code_reservataire,
        categorie,
        id_logement
    from injonctions
),

du_territoire as (
    select
        situees.code_reservataire,
        situees.categorie,
        modalites_logement.dimension,
        modalites_logement.modalite,
        count(*) as nombre
    from situees
    inner join intermediaire.modalites_logement on situees.id_logement = modalites_logement.id_logement
    group by situees.code_reservataire, situees.categorie, modalites_logement.dimension, modalites_logement.modalite
),

comptes as (
    select
        coalesce(nommees.code_reservataire, du_territoire.code_reservataire) as code_reservataire,
        coalesce(nommees.categorie, du_territoire.categorie) as categorie,
        coalesce(nommees.dimension, du_territoire.dimension) as dimension,
        coalesce(nommees.modalite, du_territoire.modalite) as modalite,
        coalesce(nommees.nombre, 0) as nombre,
        coalesce(du_territoire.nombre, 0) as nombre_territoire
    from nommees
    full join du_territoire
        on
            nommees.code_reservataire = du_territoire.code_reservataire
            and nommees.categorie = du_territoire.categorie
            and nommees.dimension = du_territoire.dimension
            and nommees.modalite = du_territoire.modalite
)

select
    comptes.code_reservataire,
    comptes.categorie,
    categories.libelle,
    comptes.dimension,
    dimensions.libelle as libelle_dimension,
    comptes.modalite,
    coalesce(libelles_modalites.libelle_modalite, comptes.modalite) as libelle_modalite,
    1000 * categories.ordre + 100 * dimensions.ordre + coalesce(libelles_modalites.ordre, 50) as ordre,
    comptes.nombre,
    comptes.nombre_territoire
from comptes
inner join categories on comptes.categorie = categories.categorie
inner join ref.dimensions on comptes.dimension = dimensions.dimension
left join intermediaire.libelles_modalites
    on comptes.dimension = libelles_modalites.dimension and comptes.modalite = libelles_modalites.modalite
where
    comptes.dimension not in ('public', 'quartile')
    and (comptes.nombre > 0 or comptes.nombre_territoire > 0 or comptes.dimension = 'total')
