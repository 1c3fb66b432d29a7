-- Tous les réservataires côte à côte, pour le bailleur : objectif, décompte, écart, report, taux.
-- Grain : un réservataire.
-- Clé : code_reservataire, reservataire
with

lignes as (
    select
        code_reservataire as reservataire,
        any_value(valeur) filter (where ligne = 'objectif') as objectif,
        any_value(valeur) filter (where ligne = 'decompte') as decompte,
        any_value(valeur) filter (where ligne = 'ecart') as ecart,
        any_value(valeur) filter (where ligne = 'taux_atteinte_pct') as taux_atteinte_pct,
        any_value(valeur) filter (where ligne = 'mise_a_disposition') as mise_a_disposition,
        any_value(valeur) filter (where ligne = 'attribution') as attribution,
        any_value(valeur) filter (where ligne = 'bail') as bail,
        any_value(valeur) filter (where ligne = 'bail_ou_refus') as bail_ou_refus,
        any_value(valeur) filter (where ligne = 'report_suivant') as report_suivant,
        any_value(valeur) filter (where ligne = 'a_redistribuer') as a_redistribuer,
        any_value(valeur) filter (where ligne = 'flux_suivant') as flux_suivant,
        any_value(valeur) filter (where ligne = 'part_pct') as part_pct
    from bilan.objectif_lignes
    group by code_reservataire
),

taux as (
    select
        code_reservataire as reservataire,
        any_value(taux_pct) filter (where taux = 'orientation_flux') as taux_orientation_pct,
        any_value(taux_pct) filter (where taux = 'attribution') as taux_attribution_pct,
        any_value(taux_pct) filter (where taux = 'refus') as taux_refus_pct,
        any_value(taux_pct) filter (where taux = 'bail') as taux_bail_pct
    from bilan.taux
    group by code_reservataire
)

select
    '_bailleur' as code_reservataire,
    lignes.reservataire,
    entetes.libelle,
    entetes.libelle_type,
    entetes.libelle_evenement,
    entetes.ordre,
    lignes.* exclude (reservataire),
    taux.* exclude (reservataire)
from lignes
inner join bilan.entetes on lignes.reservataire = entetes.code_reservataire
left join taux on lignes.reservataire = taux.reservataire
