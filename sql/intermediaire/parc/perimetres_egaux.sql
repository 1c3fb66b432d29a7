-- Bilans de même périmètre au 1er janvier N : ce qui ne dépend que du périmètre se compte une fois pour tous.
-- Grain : un bilan.
-- Clé : code_reservataire
with

tenus as (
    select
        code_reservataire,
        list(id_lieu order by id_lieu) as lieux_tenus
    from intermediaire.perimetres_lieux
    where usage = 'bilan'
    group by code_reservataire
)

select
    code_reservataire,
    min(code_reservataire) over (partition by lieux_tenus) as code_perimetre
from tenus
