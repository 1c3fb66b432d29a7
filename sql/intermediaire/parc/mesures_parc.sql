-- Parc total et parc soumis de chaque bilan au 1er janvier N, par dimension.
-- Source : contrat, « Parc ».
-- Grain : un bilan, une mesure, une dimension et une modalité.
-- Clé : code_reservataire, mesure, dimension, modalite
with

comptes as (
    select
        perimetres_lieux.code_reservataire,
        parc_modalites.dimension,
        parc_modalites.modalite,
        sum(parc_modalites.nb_logements) as parc_total,
        0 as nb_exclus
    from intermediaire.perimetres_lieux
    inner join intermediaire.parc_modalites
        on perimetres_lieux.id_lieu = parc_modalites.id_lieu and parc_modalites.profil = 'tous'
    where perimetres_lieux.usage = 'bilan'
    group by perimetres_lieux.code_reservataire, parc_modalites.dimension, parc_modalites.modalite
    union all
    select
        perimetres_lieux.code_reservataire,
        parc_modalites.dimension,
        parc_modalites.modalite,
        0 as parc_total,
        sum(parc_modalites.nb_logements) as nb_exclus
    from intermediaire.perimetres_lieux
    inner join intermediaire.parc_modalites
        on
            perimetres_lieux.id_lieu = parc_modalites.id_lieu
            and perimetres_lieux.profil = parc_modalites.profil
            and parc_modalites.motif_exclusion <> ''
    where perimetres_lieux.usage = 'bilan'
    group by perimetres_lieux.code_reservataire, parc_modalites.dimension, parc_modalites.modalite
),

sommes as (
    select
        code_reservataire,
        dimension,
        modalite,
        cast(sum(parc_total) as bigint) as parc_total,
        cast(sum(parc_total) - sum(nb_exclus) as bigint) as parc_soumis
    from comptes
    group by code_reservataire, dimension, modalite
)

select
    code_reservataire,
    mesure,
    dimension,
    modalite,
    nombre
from sommes
unpivot (nombre for mesure in (parc_total, parc_soumis))
where nombre > 0
