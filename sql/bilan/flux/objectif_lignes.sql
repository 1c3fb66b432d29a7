-- Objectif, décomptes, écart, report, effet du taux de rotation et des soustractions, ligne par ligne.
-- Source : [002] art. 6.1.
-- Grain : un réservataire et une ligne.
-- Clé : code_reservataire, ligne
with

flux as (
    select
        code_reservataire,
        max(valeur) filter (where ligne = 'j') as flux_suivant,
        max(valeur) filter (where ligne = 'objectif') as objectif_suivant
    from bilan.lignes_flux
    group by code_reservataire
),

-- les droits qui font la ligne i ; une part imprimée n'en a pas
droits as (
    select
        entrees_flux.code_reservataire,
        if(max(tables_fournies.est_fournie), en_decimal(sum(entrees_flux.nb_droits)), null) as nb_droits
    from intermediaire.entrees_flux
    inner join ref.tables_fournies on tables_fournies.table_metier = 'droits'
    where entrees_flux.usage = 'annexe' and entrees_flux.mode_taux like 'droits_%'
    group by entrees_flux.code_reservataire
),

redistribues as (
    select
        code_reservataire,
        a_redistribuer
    from bilan.soustractions
    where categorie = 'total'
),

reunis as (
    select
        ecart_objectif.*,
        flux.flux_suivant,
        flux.objectif_suivant,
        rotation_observee.taux_rotation_annonce_pct,
        en_decimal(rotation_observee.taux * 100) as taux_rotation_observe_pct,
        rotation_observee.nb_soumis,
        if(exercice.est_provisoire, null, rotation_observee.effet) as effet,
        part_reservataire.part,
        redistribues.a_redistribuer,
        if(
            ecart_objectif.type_reservataire = 'action_logement', en_decimal(moyenne_attributions.moyenne), null
        ) as moyenne_3_ans,
        if(
            ecart_objectif.type_reservataire = 'action_logement',
            en_decimal(moyenne_attributions.moyenne_directes),
            null
        ) as estimation_directe,
        moyenne_attributions.periode as periode_moyenne,
        droits.nb_droits,
        droits.code_reservataire is not null as est_taux_de_droits
    from intermediaire.ecart_objectif
    cross join ref.exercice
    left join flux on ecart_objectif.code_reservataire = flux.code_reservataire
    left join intermediaire.rotation_observee
        on ecart_objectif.code_reservataire = rotation_observee.code_reservataire
    left join intermediaire.part_reservataire on ecart_objectif.code_reservataire = part_reservataire.code_reservataire
    left join redistribues on ecart_objectif.code_reservataire = redistribues.code_reservataire
    left join intermediaire.moyenne_attributions
        on ecart_objectif.code_reservataire = moyenne_attributions.code_reservataire
    left join droits on ecart_objectif.code_reservataire = droits.code_reservataire
),

lignes as (
    select
        code_reservataire,
        type_reservataire,
        evenement_decompte,
        report_n1,
        objectif as objectif_annonce,
        periode_moyenne,
        est_taux_de_droits,
        unnest([
            'flux_annonce', 'report_anterieur', 'objectif', 'mise_a_disposition', 'attribution', 'bail',
            'bail_ou_refus', 'partenariat', 'decompte', 'ecart', 'taux_atteinte_pct', 'report_suivant', 'flux_suivant',
            'objectif_suivant', 'taux_rotation_annonce_pct', 'taux_rotation_observe_pct', 'parc_soumis',
            'effet_rotation_flux', 'nb_droits', 'part_pct', 'effet_rotation_reservataire', 'a_redistribuer',
            'moyenne_3_ans', 'estimation_directe'
        ]) as ligne,
        unnest([
            flux_annonce,
            report_anterieur,
            objectif,
            mise_a_disposition,
            attribution,
            bail,
            bail_ou_refus,
            partenariat,
            decompte,
            ecart,
            part_pct(decompte, objectif),
            report_suivant,
            flux_suivant,
            objectif_suivant,
            taux_rotation_annonce_pct,
            taux_rotation_observe_pct,
            nb_soumis,
            en_decimal(effet),
            nb_droits,
            en_decimal(part * 100),
            en_decimal(produit(effet, part)),
            a_redistribuer,
            moyenne_3_ans,
            estimation_directe
        ]) as valeur
    from reunis
)

select
    lignes.code_reservataire,
    lignes.ligne,
    lignes_objectif.ordre,
    lignes_objectif.libelle || if(lignes.ligne = lignes.evenement_decompte, ' (celui de la convention)', '') as libelle,
    lignes.valeur,
    lignes_objectif.unite,
    lignes_objectif.explication
    || if(lignes.ligne in ('moyenne_3_ans', 'estimation_directe'), coalesce(' – ' || lignes.periode_moyenne, ''), '')
        as explication,
    lignes_objectif.source
from lignes
inner join ref.lignes_objectif on lignes.ligne = lignes_objectif.ligne
cross join ref.exercice
where
    -- une ligne sans objet n'est pas « non fourni » : elle n'est pas là
    (
        lignes.type_reservataire = 'action_logement'
        or lignes.ligne not in ('partenariat', 'moyenne_3_ans', 'estimation_directe')
    )
    and (lignes.est_taux_de_droits or lignes.ligne <> 'nb_droits')
    and (lignes.report_n1 or lignes.ligne <> 'report_suivant')
    and (lignes.objectif_annonce is null or lignes.objectif_annonce > 0 or lignes.ligne <> 'taux_atteinte_pct')
    and (
        not exercice.est_provisoire
        or lignes.ligne not in (
            'report_suivant', 'objectif_suivant', 'effet_rotation_flux', 'effet_rotation_reservataire', 'a_redistribuer'
        )
    )
