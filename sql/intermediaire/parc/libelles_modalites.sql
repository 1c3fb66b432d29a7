-- Nom et ordre d'affichage des modalités de toutes les dimensions, communes et EPCI compris. Deux communes du parc qui
-- portent le même nom, ou deux EPCI, sont suivis de leur code.
-- Grain : une modalité d'une dimension.
-- Clé : dimension, modalite
with

territoires as (
    select
        'commune' as dimension,
        code_commune as modalite,
        libelle_commune as libelle
    from ref.communes
    union all
    select
        'epci' as dimension,
        code_epci as modalite,
        min(libelle_epci) as libelle
    from ref.communes
    where code_epci is not null
    group by code_epci
),

du_parc as (
    select
        'commune' as dimension,
        code_commune as modalite
    from intermediaire.lieux
    union
    select
        'epci' as dimension,
        code_epci as modalite
    from intermediaire.lieux
),

homonymes as (
    select
        dimension,
        libelle
    from du_parc
    inner join territoires using (dimension, modalite)
    group by dimension, libelle
    having count(*) > 1
)

select
    dimension,
    modalite,
    libelle as libelle_modalite,
    ordre
from ref.modalites
union all
select
    territoires.dimension,
    territoires.modalite,
    territoires.libelle || if(homonymes.libelle is null, '', ' (' || territoires.modalite || ')') as libelle_modalite,
    50 as ordre
from territoires
left join homonymes on territoires.dimension = homonymes.dimension and territoires.libelle = homonymes.libelle
union all
select
    'ept' as dimension,
    code_ept as modalite,
    min(libelle_ept) as libelle_modalite,
    50 as ordre
from ref.ept
group by code_ept
