-- Chiffres principaux d'un bilan.
-- Grain : un bilan.
-- Clé : code_reservataire
with

totaux as (
    select
        code_reservataire,
        any_value(nombre) filter (where mesure = 'objectif') as objectif,
        any_value(nombre) filter (where mesure = 'decompte') as decompte,
        any_value(nombre) filter (where mesure = 'taux_atteinte_pct') as taux_atteinte_pct,
        any_value(nombre) filter (where mesure = 'parc_total') as parc_total,
        any_value(nombre) filter (where mesure = 'parc_soumis') as parc_soumis,
        any_value(nombre) filter (where mesure = 'liberations') as liberations,
        any_value(nombre) filter (where mesure = 'mises_a_disposition') as mises_a_disposition,
        any_value(nombre) filter (where mesure = 'attributions') as attributions,
        any_value(nombre) filter (where mesure = 'refus') as refus,
        any_value(nombre) filter (where mesure = 'baux_signes') as baux_signes,
        any_value(nombre) filter (where mesure = 'premieres_locations') as premieres_locations,
        any_value(nombre) filter (where mesure = 'partenariat') as partenariat
    from bilan.mesures
    where dimension = 'total'
    group by code_reservataire
),

flux as (
    select
        code_reservataire,
        any_value(valeur) filter (where ligne = 'd') as taux_rotation_pct,
        any_value(valeur) filter (where ligne = 'h') as flux_a_repartir,
        any_value(valeur) filter (where ligne = 'i') as taux_reservataire_pct,
        any_value(valeur) filter (where ligne = 'j') as flux_suivant
    from bilan.lignes_flux
    group by code_reservataire
)

select
    entetes.code_reservataire,
    entetes.libelle_evenement,
    totaux.objectif,
    totaux.decompte,
    totaux.decompte - totaux.objectif as ecart,
    totaux.taux_atteinte_pct,
    totaux.parc_total,
    totaux.parc_soumis,
    totaux.liberations,
    totaux.mises_a_disposition,
    totaux.attributions,
    totaux.refus,
    totaux.baux_signes,
    totaux.premieres_locations,
    totaux.partenariat,
    flux.taux_rotation_pct,
    flux.flux_a_repartir,
    flux.taux_reservataire_pct,
    flux.flux_suivant
from bilan.entetes
left join totaux using (code_reservataire)
left join flux using (code_reservataire)
