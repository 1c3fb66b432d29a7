-- Bilans à établir : chaque réservataire, le bailleur entier, chaque EPCI et chaque EPT du parc.
-- Grain : un bilan et un territoire.
-- Clé : code_reservataire, echelle, code_territoire
with

epcis as (
    select distinct code_epci
    from intermediaire.parc
    where code_epci is not null
),

ept as (
    select distinct lieux.code_ept
    from intermediaire.parc
    inner join intermediaire.lieux on parc.id_lieu = lieux.id_lieu
    where lieux.code_ept is not null
)

select
    code_reservataire,
    'reservataire' as nature_bilan,
    id_convention,
    echelle,
    code_territoire,
    profil,
    if(base_rotation like '%_bailleur', 'bailleur', 'territoire') as portee_rotation
from intermediaire.conventions
union all
select
    '_bailleur' as code_reservataire,
    'bailleur' as nature_bilan,
    '_bailleur' as id_convention,
    'bailleur' as echelle,
    '' as code_territoire,
    '' as profil,
    'territoire' as portee_rotation
union all
select
    'epci_' || code_epci as code_reservataire,
    'epci' as nature_bilan,
    'epci_' || code_epci as id_convention,
    'epci' as echelle,
    code_epci as code_territoire,
    '' as profil,
    'territoire' as portee_rotation
from epcis
union all
select
    'ept_' || code_ept as code_reservataire,
    'epci' as nature_bilan,
    'ept_' || code_ept as id_convention,
    'ept' as echelle,
    code_ept as code_territoire,
    '' as profil,
    'territoire' as portee_rotation
from ept
