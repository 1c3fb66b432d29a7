-- Logements proposés à un réservataire et logements libérés sur son périmètre, par modalité connue.
-- Grain : un réservataire, une dimension et une modalité.
-- Clé : code_reservataire, dimension, modalite
with

comptes as (
    select
        equite_logements.code_reservataire,
        modalites_logement.dimension,
        modalites_logement.modalite,
        count(*) filter (where equite_logements.est_propose) as proposes,
        count(*) filter (where equite_logements.est_libere) as liberes,
        count(*) as possibles
    from intermediaire.equite_logements
    inner join intermediaire.modalites_logement
        on equite_logements.id_logement = modalites_logement.id_logement
    where
        modalites_logement.dimension in ('typologie', 'financement', 'qpv', 'commune')
        and modalites_logement.modalite <> 'non_renseigne'
    group by equite_logements.code_reservataire, modalites_logement.dimension, modalites_logement.modalite
)

select
    *,
    cast(sum(proposes) over (partition by code_reservataire, dimension) as bigint) as total_proposes,
    cast(sum(liberes) over (partition by code_reservataire, dimension) as bigint) as total_liberes,
    cast(sum(possibles) over (partition by code_reservataire, dimension) as bigint) as total_possibles,
    count(*) over (partition by code_reservataire, dimension) as nb_modalites
from comptes
