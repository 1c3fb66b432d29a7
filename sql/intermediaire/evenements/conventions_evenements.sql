-- Convention qui s'applique à chaque événement d'un réservataire : celle qui court ce jour-là sur le territoire le
-- plus fin qui contient le logement, à défaut la plus large du réservataire ; sans ligne, rien n'est encore dû.
-- Source : contrat, « Several conventions of one code ».
-- Grain : un réservataire, un logement et un jour d'événement.
-- Clé : code_reservataire, id_logement, date_evenement
with

jours as (
    select
        code_reservataire,
        id_logement,
        unnest([date_mise_a_disposition, date_relance]) as date_evenement
    from intermediaire.offres
    union
    select
        code_reservataire,
        id_logement,
        unnest([date_caleol, date_signature_bail]) as date_evenement
    from intermediaire.candidatures
    where est_attribue and code_reservataire is not null
)

select
    jours.code_reservataire,
    jours.id_logement,
    jours.date_evenement,
    conventions.id_convention,
    conventions.evenement_decompte,
    conventions.type_reservataire = 'action_logement'
    and not conventions.est_partenariat_dans_flux as est_partenariat_ote
from jours
inner join intermediaire.conventions
    on jours.code_reservataire = conventions.code_reservataire and conventions.numero = 1
inner join ref.types_reservataire
    on conventions.type_reservataire = types_reservataire.type_reservataire and types_reservataire.sans_objectif = 'non'
where jours.date_evenement is not null
