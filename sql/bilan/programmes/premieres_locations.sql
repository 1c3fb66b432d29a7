-- Premières locations des programmes neufs, hors flux, par opération et par dimension, avec la date de mise en
-- service.
-- Source : [002] art. 6.2, [001] art. 7.
-- Grain : un bilan, un réservataire, une opération, une dimension et une modalité.
-- Clé : code_reservataire, code_titulaire, operation, dimension, modalite
with

etapes as (
    select
        code_reservataire,
        reservataire,
        'proposes' as etape,
        id_logement
    from intermediaire.faits_propositions
    where mesure = 'premieres_locations'
    union all
    select
        code_reservataire,
        reservataire,
        if(mesure = 'premieres_locations_baux', 'baux', 'attribues') as etape,
        id_logement
    from intermediaire.faits_attributions
    where mesure in ('premieres_locations_attribuees', 'premieres_locations_baux')
),

comptees as (
    select
        etapes.code_reservataire,
        coalesce(etapes.reservataire, 'non_reserve') as code_titulaire,
        etapes.etape,
        suivies.operation,
        suivies.date_service,
        caracteristiques.typologie,
        caracteristiques.financement,
        caracteristiques.qpv,
        caracteristiques.commune,
        caracteristiques.periode_construction,
        caracteristiques.accessibilite
    from etapes
    inner join intermediaire.premieres_locations_suivies as suivies on etapes.id_logement = suivies.id_logement
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
    union all
    -- le total de l'opération, tous réservataires
    select
        ventilees.code_reservataire,
        'total' as code_titulaire,
        ventilees.operation,
        max(ventilees.date_service) as date_service,
        ventilees.dimension,
        ventilees.modalite,
        count(*) filter (where ventilees.etape = 'proposes') as nb_proposes,
        count(*) filter (where ventilees.etape = 'attribues') as nb_attribues,
        count(*) filter (where ventilees.etape = 'baux') as nb_baux_signes
    from ventilees
    semi join intermediaire.bilans_ensemble on ventilees.code_reservataire = bilans_ensemble.code_reservataire
    group by ventilees.code_reservataire, ventilees.operation, ventilees.dimension, ventilees.modalite
)

select
    nombres.code_reservataire,
    nombres.code_titulaire,
    coalesce(
        conventions.libelle,
        case nombres.code_titulaire
            when 'non_reserve' then 'Non réservé'
            when 'total' then 'Tous, total de l''opération'
            else nombres.code_titulaire
        end
    ) as libelle_reservataire,
    nombres.operation,
    nombres.date_service,
    nombres.dimension,
    dimensions.libelle as libelle_dimension,
    nombres.modalite,
    coalesce(libelles.libelle_modalite, nombres.modalite) as libelle_modalite,
    100 * dimensions.ordre + coalesce(libelles.ordre, 50) as ordre,
    nombres.nb_proposes,
    nombres.nb_attribues,
    nombres.nb_baux_signes
from nombres
inner join ref.dimensions using (dimension)
left join intermediaire.conventions
    on nombres.code_titulaire = conventions.code_reservataire and conventions.numero = 1
left join intermediaire.libelles_modalites as libelles
    on nombres.dimension = libelles.dimension and nombres.modalite = libelles.modalite
