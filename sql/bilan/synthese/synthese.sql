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
        any_value(nombre) filter (where mesure = 'proposes') as ensemble_proposes,
        any_value(nombre) filter (where mesure = 'attribues') as ensemble_attribues,
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
),

objectifs as (
    select
        code_reservataire,
        any_value(valeur) filter (where ligne = 'flux_annonce') as flux_annonce,
        any_value(valeur) filter (where ligne = 'report_anterieur') as report_anterieur,
        any_value(valeur) filter (where ligne = 'report_suivant') as report_suivant,
        any_value(valeur) filter (where ligne = 'objectif_suivant') as objectif_suivant,
        any_value(valeur) filter (where ligne = 'taux_rotation_annonce_pct') as taux_rotation_annonce_pct,
        any_value(valeur) filter (where ligne = 'taux_rotation_observe_pct') as taux_rotation_observe_pct
    from bilan.objectif_lignes
    group by code_reservataire
),

motifs as (
    select
        logements.code_reservataire,
        logements.motif_decompte,
        logements.compte = 'oui' as est_compte,
        count(*) || ' ' || case
            when logements.motif_decompte = 'sans_evenement' then en_minuscule(logements.libelle_motif)
            when count(*) > 1 then motifs_decompte.pluriel
            else motifs_decompte.singulier
        end as texte,
        motifs_decompte.ordre,
        count(*) as nombre
    from bilan.logements
    inner join ref.motifs_decompte on logements.motif_decompte = motifs_decompte.motif_decompte
    group by
        logements.code_reservataire,
        logements.motif_decompte,
        logements.compte,
        logements.libelle_motif,
        motifs_decompte.singulier,
        motifs_decompte.pluriel,
        motifs_decompte.ordre
),

decomptes as (
    select
        code_reservataire,
        coalesce(sum(nombre) filter (where not est_compte and motif_decompte <> 'deja_compte'), 0) as nb_non_comptes,
        string_agg(texte, ', ' order by ordre, texte) filter (where est_compte) as detail_comptes,
        string_agg(texte, ', ' order by ordre, texte) filter (where not est_compte and motif_decompte <> 'deja_compte')
            as detail_non_comptes
    from motifs
    group by code_reservataire
),

retards as (
    select
        libelle || ' (' || ecrit(decompte) || ' sur ' || ecrit(objectif) || ')' as texte,
        ecart
    from bilan.reservataires
    where ecart < 0
    qualify row_number() over (order by ecart, libelle, reservataire) <= 5
),

manques as (
    select string_agg(texte, ' ; ' order by ecart, texte) as texte
    from retards
),

ensemble as (
    select
        '_bailleur' as code_reservataire,
        count(*) filter (where reservataires.objectif > 0) as nb_objectifs,
        count(*) filter (where reservataires.objectif > 0 and reservataires.ecart >= 0) as nb_objectifs_atteints,
        count(*) filter (where reservataires.ecart < 0 and reservataires.ecart > -1) as nb_objectifs_proches,
        count(*) filter (where reservataires.ecart <= -1) as nb_objectifs_manques,
        count(*) filter (where reservataires.objectif > 0 and reservataires.decompte = 0) as nb_decomptes_nuls,
        count(*) filter (where reservataires.objectif is null and not entetes.est_sans_objectif)
            as nb_objectifs_absents,
        any_value(manques.texte) as plus_grands_manques
    from bilan.reservataires
    inner join bilan.entetes on reservataires.reservataire = entetes.code_reservataire
    cross join manques
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
    totaux.ensemble_proposes,
    totaux.ensemble_attribues,
    totaux.mises_a_disposition,
    totaux.attributions,
    totaux.refus,
    totaux.baux_signes,
    totaux.premieres_locations,
    totaux.partenariat,
    flux.taux_rotation_pct,
    flux.flux_a_repartir,
    flux.taux_reservataire_pct,
    flux.flux_suivant,
    objectifs.flux_annonce,
    objectifs.report_anterieur,
    objectifs.report_suivant,
    objectifs.objectif_suivant,
    objectifs.taux_rotation_annonce_pct,
    objectifs.taux_rotation_observe_pct,
    coalesce(decomptes.nb_non_comptes, 0) as nb_non_comptes,
    decomptes.detail_comptes,
    decomptes.detail_non_comptes,
    ensemble.nb_objectifs,
    ensemble.nb_objectifs_atteints,
    ensemble.nb_objectifs_proches,
    ensemble.nb_objectifs_manques,
    ensemble.nb_decomptes_nuls,
    ensemble.nb_objectifs_absents,
    ensemble.plus_grands_manques
from bilan.entetes
left join totaux using (code_reservataire)
left join flux using (code_reservataire)
left join objectifs using (code_reservataire)
left join decomptes using (code_reservataire)
left join ensemble using (code_reservataire)
