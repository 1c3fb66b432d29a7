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
),

territoires as (
    select
        jours.code_reservataire,
        jours.id_logement,
        jours.date_evenement,
        territoires_logement.echelle,
        territoires_logement.code_territoire
    from jours
    inner join intermediaire.territoires_logement on jours.id_logement = territoires_logement.id_logement
    where jours.date_evenement is not null
),

du_territoire as (
    select
        territoires.code_reservataire,
        territoires.id_logement,
        territoires.date_evenement,
        conventions_datees.id_convention,
        true as est_du_territoire
    from territoires
    inner join intermediaire.conventions_datees
        on
            territoires.code_reservataire = conventions_datees.code_reservataire
            and territoires.echelle = conventions_datees.echelle
            and territoires.code_territoire = conventions_datees.code_territoire
    where territoires.date_evenement between conventions_datees.debut_effet and conventions_datees.fin_effet
    qualify row_number() over (
        partition by territoires.code_reservataire, territoires.id_logement, territoires.date_evenement
        order by conventions_datees.rang_echelle, conventions_datees.code_territoire
    ) = 1
),

restes as (
    select jours.*
    from jours
    anti join du_territoire
        on
            jours.code_reservataire = du_territoire.code_reservataire
            and jours.id_logement = du_territoire.id_logement
            and jours.date_evenement = du_territoire.date_evenement
    where jours.date_evenement is not null
),

les_plus_larges as (
    select
        dates.code_reservataire,
        dates.date_evenement,
        conventions_datees.id_convention
    from (
        select distinct
            code_reservataire,
            date_evenement
        from restes
    ) as dates
    inner join intermediaire.conventions_datees on dates.code_reservataire = conventions_datees.code_reservataire
    where dates.date_evenement between conventions_datees.debut_effet and conventions_datees.fin_effet
    qualify row_number() over (
        partition by dates.code_reservataire, dates.date_evenement
        order by -conventions_datees.rang_echelle, conventions_datees.code_territoire
    ) = 1
),

retenues as (
    select * from du_territoire
    union all
    select
        restes.code_reservataire,
        restes.id_logement,
        restes.date_evenement,
        les_plus_larges.id_convention,
        false as est_du_territoire
    from restes
    inner join les_plus_larges
        on
            restes.code_reservataire = les_plus_larges.code_reservataire
            and restes.date_evenement = les_plus_larges.date_evenement
)

select
    retenues.code_reservataire,
    retenues.id_logement,
    retenues.date_evenement,
    retenues.id_convention,
    retenues.est_du_territoire,
    if(types_reservataire.sans_objectif = 'oui', null, conventions_datees.evenement_decompte) as evenement_decompte,
    conventions_datees.type_reservataire = 'action_logement'
    and not conventions_datees.est_partenariat_dans_flux as est_partenariat_ote
from retenues
inner join intermediaire.conventions_datees on retenues.id_convention = conventions_datees.id_convention
left join ref.types_reservataire on conventions_datees.type_reservataire = types_reservataire.type_reservataire
