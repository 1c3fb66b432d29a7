-- Nom et ordre d'affichage des modalités de toutes les dimensions, communes et EPCI compris.
-- Grain : une modalité d'une dimension.
-- Clé : dimension, modalite
select
    dimension,
    modalite,
    libelle as libelle_modalite,
    ordre
from ref.modalites
union all
select
    'commune' as dimension,
    code_commune as modalite,
    libelle_commune as libelle_modalite,
    50 as ordre
from ref.communes
union all
select
    'epci' as dimension,
    code_epci as modalite,
    any_value(libelle_epci) as libelle_modalite,
    50 as ordre
from ref.communes
where code_epci is not null
group by code_epci
union all
select
    'ept' as dimension,
    code_ept as modalite,
    min(libelle_ept) as libelle_modalite,
    50 as ordre
from ref.ept
group by code_ept
