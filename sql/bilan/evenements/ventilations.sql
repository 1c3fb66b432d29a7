-- Mesures d'un bilan côte à côte, par dimension et modalité.
-- Grain : un bilan, une dimension et une modalité.
-- Clé : code_reservataire, dimension, modalite
with

modalites_presentes as (
    select distinct
        code_reservataire,
        dimension,
        modalite
    from bilan.mesures
),

cases as (
    select
        modalites_presentes.code_reservataire,
        modalites_presentes.dimension,
        modalites_presentes.modalite,
        totaux.mesure,
        coalesce(mesures.nombre, 0) as nombre,
        if(totaux.nombre = 0, null, coalesce(mesures.part_pct, 0)) as part
    from modalites_presentes
    inner join bilan.mesures as totaux
        on modalites_presentes.code_reservataire = totaux.code_reservataire and totaux.dimension = 'total'
    left join bilan.mesures
        on
            modalites_presentes.code_reservataire = mesures.code_reservataire
            and modalites_presentes.dimension = mesures.dimension
            and modalites_presentes.modalite = mesures.modalite
            and totaux.mesure = mesures.mesure
)

select
    cases.code_reservataire,
    cases.dimension,
    any_value(dimensions.libelle) as libelle_dimension,
    any_value(dimensions.ordre) as ordre_dimension,
    cases.modalite,
    coalesce(any_value(libelles_modalites.libelle_modalite), cases.modalite) as libelle_modalite,
    coalesce(any_value(libelles_modalites.ordre), 50) as ordre,
    any_value(cases.nombre) filter (where cases.mesure = 'parc_soumis') as parc_soumis,
    any_value(cases.part) filter (where cases.mesure = 'parc_soumis') as parc_soumis_pct,
    any_value(cases.nombre) filter (where cases.mesure = 'liberations') as liberations,
    any_value(cases.part) filter (where cases.mesure = 'liberations') as liberations_pct,
    any_value(cases.nombre) filter (where cases.mesure = 'mises_a_disposition') as mises_a_disposition,
    any_value(cases.part) filter (where cases.mesure = 'mises_a_disposition') as mises_a_disposition_pct,
    any_value(cases.nombre) filter (where cases.mesure = 'attributions') as attributions,
    any_value(cases.part) filter (where cases.mesure = 'attributions') as attributions_pct,
    any_value(cases.nombre) filter (where cases.mesure = 'refus') as refus,
    any_value(cases.part) filter (where cases.mesure = 'refus') as refus_pct,
    any_value(cases.nombre) filter (where cases.mesure = 'baux_signes') as baux_signes,
    any_value(cases.part) filter (where cases.mesure = 'baux_signes') as baux_signes_pct,
    any_value(cases.nombre) filter (where cases.mesure = 'premieres_locations') as premieres_locations,
    any_value(cases.nombre) filter (where cases.mesure = 'decompte') as decompte
from cases
left join ref.dimensions on cases.dimension = dimensions.dimension
left join intermediaire.libelles_modalites
    on cases.dimension = libelles_modalites.dimension and cases.modalite = libelles_modalites.modalite
group by cases.code_reservataire, cases.dimension, cases.modalite
