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
        if(modalites_presentes.dimension = 'commune', modalites_presentes.modalite, null) as code_commune,
        if(modalites_presentes.dimension = 'epci', modalites_presentes.modalite, null) as code_epci,
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
),

epcis as (
    select
        code_epci,
        any_value(libelle_epci) as libelle_epci
    from ref.communes
    where code_epci is not null
    group by code_epci
)

select
    cases.code_reservataire,
    cases.dimension,
    any_value(dimensions.libelle) as libelle_dimension,
    any_value(dimensions.ordre) as ordre_dimension,
    cases.modalite,
    coalesce(
        any_value(modalites.libelle), any_value(communes.libelle_commune), any_value(epcis.libelle_epci), cases.modalite
    ) as libelle_modalite,
    coalesce(any_value(modalites.ordre), 50) as ordre,
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
left join ref.modalites on cases.dimension = modalites.dimension and cases.modalite = modalites.modalite
left join ref.communes on cases.code_commune = communes.code_commune
left join epcis on cases.code_epci = epcis.code_epci
group by cases.code_reservataire, cases.dimension, cases.modalite
