-- Bilans d'ensemble (bailleur, EPCI, EPT) où compte chaque logement cité par un événement.
-- Grain : un logement et un bilan.
-- Clé : id_logement, code_reservataire
with

cites as (
    select id_logement from staging.propositions
    union
    select id_logement from staging.attributions
)

select
    cites.id_logement,
    bilans_logement.code_reservataire
from cites
inner join intermediaire.bilans_logement on cites.id_logement = bilans_logement.id_logement
where bilans_logement.nature_bilan <> 'reservataire'
