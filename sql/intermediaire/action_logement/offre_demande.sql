-- Demandes suivies par Action Logement, logements libérés et logements qui lui ont été proposés, dans chaque
-- EPCI du périmètre, pour Action Logement, le bailleur et les EPCI.
-- Grain : un compte, à additionner.
-- Clé : aucune
with

epcis as (
    select
        communes.code_epci,
        ept.code_ept,
        communes.code_departement,
        communes.code_commune,
        communes.libelle_epci
    from ref.communes
    left join ref.ept on communes.code_commune = ept.code_commune
    where communes.code_epci is not null
),

portees as (
    select distinct
        bilans.code_reservataire,
        epcis.code_epci
    from intermediaire.bilans
    left join intermediaire.conventions on bilans.id_convention = conventions.id_convention
    inner join epcis
        on
            bilans.echelle = 'bailleur'
            or bilans.code_territoire = epcis.code_departement
            or bilans.code_territoire = epcis.code_epci
            or bilans.code_territoire = epcis.code_ept
            or bilans.code_territoire = epcis.code_commune
    where bilans.nature_bilan <> 'reservataire' or conventions.type_reservataire = 'action_logement'
),

destinataires as (
    select distinct portees.code_reservataire
    from portees
    inner join intermediaire.bilans on portees.code_reservataire = bilans.code_reservataire
    where bilans.nature_bilan <> 'epci'
),

tranches as (
    select
        financement,
        min(ordre) as ordre_plafond,
        any_value(tranche_plafond) as tranche_plafond
    from ref.plafonds
    group by financement
),

cites as (
    select
        'liberations' as nature_compte,
        code_reservataire,
        id_logement
    from intermediaire.faits_liberations
    where mesure = 'liberations'
    union all
    select
        'mises_a_disposition' as nature_compte,
        unnest([
            faits_propositions.code_reservataire, '_bailleur', 'epci_' || lieux.code_epci, 'ept_' || lieux.code_ept
        ])
            as code_reservataire,
        faits_propositions.id_logement
    from intermediaire.faits_propositions
    inner join intermediaire.caracteristiques on faits_propositions.id_logement = caracteristiques.id_logement
    inner join intermediaire.lieux on caracteristiques.id_lieu = lieux.id_lieu
    inner join intermediaire.conventions
        on
            faits_propositions.code_reservataire = conventions.code_reservataire
            and conventions.numero = 1
            and conventions.type_reservataire = 'action_logement'
    where faits_propositions.mesure = 'mises_a_disposition'
)

select
    cites.code_reservataire,
    cites.nature_compte,
    portees.code_epci,
    libelles_modalites.libelle_modalite as libelle_epci,
    coalesce(tranches.tranche_plafond, 'Plafond non renseigné') as tranche_plafond,
    coalesce(tranches.ordre_plafond, 9) as ordre_plafond,
    caracteristiques.typologie,
    1 as nombre
from cites
inner join intermediaire.caracteristiques on cites.id_logement = caracteristiques.id_logement
inner join portees
    on cites.code_reservataire = portees.code_reservataire and caracteristiques.epci = portees.code_epci
inner join intermediaire.libelles_modalites
    on portees.code_epci = libelles_modalites.modalite and libelles_modalites.dimension = 'epci'
left join tranches on caracteristiques.financement = tranches.financement
union all
select
    portees.code_reservataire,
    'demandes' as nature_compte,
    demandes_situees.code_epci,
    demandes_situees.libelle_epci,
    demandes_situees.tranche_plafond,
    demandes_situees.ordre_plafond,
    demandes_situees.typologie,
    demandes_situees.nombre
from intermediaire.demandes_situees
inner join portees on demandes_situees.code_epci = portees.code_epci
union all
-- un EPCI inconnu de la liste des communes reste visible, pour Action Logement et pour le bailleur
select
    destinataires.code_reservataire,
    'demandes' as nature_compte,
    cast(null as varchar) as code_epci,
    demandes_situees.libelle_epci,
    demandes_situees.tranche_plafond,
    demandes_situees.ordre_plafond,
    demandes_situees.typologie,
    demandes_situees.nombre
from intermediaire.demandes_situees
cross join destinataires
where demandes_situees.code_epci is null
