-- Bilans à établir et leurs territoires à la date de chaque usage : chaque réservataire sur ses conventions en
-- vigueur, le bailleur entier, chaque EPCI et chaque EPT du parc.
-- Grain : un usage, un bilan et un territoire.
-- Clé : usage, id_convention
with

lieux_du_parc as (
    select lieux.*
    from intermediaire.lieux
    semi join intermediaire.parc on lieux.id_lieu = parc.id_lieu
),

ensembles as (
    select
        '_bailleur' as code_reservataire,
        'bailleur' as nature_bilan,
        'bailleur' as echelle,
        '' as code_territoire
    union all
    select distinct
        'epci_' || code_epci as code_reservataire,
        'epci' as nature_bilan,
        'epci' as echelle,
        code_epci as code_territoire
    from lieux_du_parc
    where code_epci is not null
    union all
    select distinct
        'ept_' || code_ept as code_reservataire,
        'epci' as nature_bilan,
        'ept' as echelle,
        code_ept as code_territoire
    from lieux_du_parc
    where code_ept is not null
),

usages as (
    select distinct usage
    from intermediaire.conventions_en_vigueur
    union
    select usage
    from intermediaire.millesimes
)

select
    conventions_en_vigueur.usage,
    conventions_datees.code_reservataire,
    'reservataire' as nature_bilan,
    conventions_datees.id_convention,
    conventions_datees.echelle,
    conventions_datees.code_territoire,
    conventions_datees.profil,
    if(conventions_datees.base_rotation like '%_bailleur', 'bailleur', 'territoire') as portee_rotation
from intermediaire.conventions_en_vigueur
inner join intermediaire.conventions_datees
    on conventions_en_vigueur.id_convention = conventions_datees.id_convention
union all
select
    usages.usage,
    ensembles.code_reservataire,
    ensembles.nature_bilan,
    ensembles.code_reservataire as id_convention,
    ensembles.echelle,
    ensembles.code_territoire,
    '' as profil,
    'territoire' as portee_rotation
from ensembles
cross join usages
