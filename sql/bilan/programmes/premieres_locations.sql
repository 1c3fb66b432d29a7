-- Premières locations des programmes neufs, hors flux, par opération et par dimension, avec la date de mise en
-- service.
-- Source : [002] art. 6.2, [001] art. 7.
-- Grain : un bilan, un réservataire, une opération, une dimension et une modalité.
-- Clé : code_reservataire, code_titulaire, operation, dimension, modalite
with

etapes as (
    select
        id_proposition,
        id_logement,
        'proposes' as etape,
        date_mise_a_disposition as date_etape
    from intermediaire.premieres_locations_suivies
    union
    select
        id_proposition,
        id_logement,
        'attribues' as etape,
        date_caleol as date_etape
    from intermediaire.candidatures
    where est_attribue and categorie = 'droit_commun' and est_premiere_location
    union
    select
        id_proposition,
        id_logement,
        'baux' as etape,
        date_signature_bail as date_etape
    from intermediaire.candidatures
    where est_attribue and categorie = 'droit_commun' and est_premiere_location
),

comptees as (
    select distinct
        suivies.code_reservataire as code_titulaire,
        unnest(if(
            caracteristiques.epci = 'non_renseigne',
            [suivies.code_reservataire, '_bailleur'],
            [suivies.code_reservataire, '_bailleur', 'epci_' || caracteristiques.epci]
        )) as code_reservataire,
        suivies.operation,
        suivies.date_service,
        etapes.etape,
        etapes.date_etape,
        caracteristiques.*
    from etapes
    inner join intermediaire.premieres_locations_suivies as suivies using (id_proposition)
    inner join ref.exercice on etapes.date_etape between exercice.date_debut and exercice.date_fin
    inner join intermediaire.caracteristiques on etapes.id_logement = caracteristiques.id_logement
),

ventilees as (
    select
        code_reservataire,
        code_titulaire,
        operation,
        date_service,
        etape,
        unnest([
            'total', 'typologie', 'financement', 'qpv', 'commune', 'periode_construction', 'accessibilite'
        ]) as dimension,
        unnest(['total', typologie, financement, qpv, commune, periode_construction, accessibilite]) as modalite
    from comptees
),

nombres as (
    select
        code_reservataire,
        code_titulaire,
        operation,
        max(date_service) as date_service,
        dimension,
        modalite,
        count(*) filter (where etape = 'proposes') as nb_proposes,
        count(*) filter (where etape = 'attribues') as nb_attribues,
        count(*) filter (where etape = 'baux') as nb_baux_signes
    from ventilees
    group by code_reservataire, code_titulaire, operation, dimension, modalite
)

select
    nombres.code_reservataire,
    nombres.code_titulaire,
    coalesce(conventions.libelle, nombres.code_titulaire) as libelle_reservataire,
    nombres.operation,
    nombres.date_service,
    nombres.dimension,
    dimensions.libelle as libelle_dimension,
    nombres.modalite,
    coalesce(modalites.libelle, communes.libelle_commune, nombres.modalite) as libelle_modalite,
    100 * dimensions.ordre + coalesce(modalites.ordre, 50) as ordre,
    nombres.nb_proposes,
    nombres.nb_attribues,
    nombres.nb_baux_signes
from nombres
inner join ref.dimensions using (dimension)
left join intermediaire.conventions
    on nombres.code_titulaire = conventions.code_reservataire and conventions.numero = 1
left join ref.modalites on nombres.dimension = modalites.dimension and nombres.modalite = modalites.modalite
left join ref.communes on nombres.dimension = 'commune' and nombres.modalite = communes.code_commune
