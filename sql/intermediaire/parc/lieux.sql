-- Lieux où sont les logements du RPLS et de l'inventaire : commune d'aujourd'hui, département, EPCI et EPT ; un logement connu
-- nulle part est au lieu sans commune.
-- Source : contrat, « Perimeter ».
-- Grain : un lieu, tel que le fichier le dit.
-- Clé : id_lieu
with

lus as (
    select
        code_commune_rpls,
        code_departement,
        code_epci
    from staging.rpls
    union
    select
        code_commune as code_commune_rpls,
        code_departement,
        code_epci
    from intermediaire.inventaire_logements
    union
    select
        null as code_commune_rpls,
        null as code_departement,
        null as code_epci
),

ept as (
    select distinct code_ept
    from ref.ept
)

select
    row_number() over (
        order by lus.code_commune_rpls nulls first, lus.code_departement nulls first, lus.code_epci nulls first
    ) as id_lieu,
    lus.code_commune_rpls,
    lus.code_epci as code_epci_lu,
    coalesce(communes.code_commune_actuelle, lus.code_commune_rpls) as code_commune,
    lus.code_departement,
    coalesce(lus.code_epci, communes.code_epci) as code_epci,
    coalesce(ept_commune.code_ept, ept.code_ept) as code_ept
from lus
left join ref.communes on lus.code_commune_rpls = communes.code_commune
left join ref.ept as ept_commune on communes.code_commune_actuelle = ept_commune.code_commune
left join ept on lus.code_epci = ept.code_ept
