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
    territoires_logement.id_logement,
    bilans.code_reservataire
from cites
inner join intermediaire.territoires_logement on cites.id_logement = territoires_logement.id_logement
inner join intermediaire.bilans
    on
        territoires_logement.echelle = bilans.echelle
        and territoires_logement.code_territoire = bilans.code_territoire
where bilans.nature_bilan <> 'reservataire'
