-- Objectif de l'exercice et décompte par chacun des quatre événements, par celui de la convention, et report
-- sur l'année suivante.
-- Grain : un réservataire.
-- Clé : code_reservataire
with

fournies as (
    select
        bool_or(est_fournie) filter (where table_metier = 'propositions') as propositions_fournies,
        bool_or(est_fournie) filter (where table_metier = 'attributions') as attributions_fournies
    from ref.tables_fournies
),

decomptes as (
    select
        code_reservataire,
        count(*) filter (where mesure = 'decompte' and evenement_decompte = 'mise_a_disposition') as mise_a_disposition,
        count(*) filter (where mesure = 'decompte' and evenement_decompte = 'attribution') as attribution,
        count(*) filter (where mesure = 'decompte' and evenement_decompte = 'bail') as bail,
        count(*) filter (where mesure = 'decompte' and evenement_decompte = 'bail_ou_refus') as bail_ou_refus,
        count(*) filter (where mesure = 'decompte' and est_evenement_convention) as decompte,
        count(*) filter (where mesure = 'partenariat' and est_evenement_convention) as partenariat
    from intermediaire.faits_decompte
    group by code_reservataire
),

connus as (
    select
        conventions.code_reservataire,
        conventions.type_reservataire,
        conventions.evenement_decompte,
        annexe.report_n1,
        if(fournies.propositions_fournies, coalesce(decomptes.mise_a_disposition, 0), null) as mise_a_disposition,
        if(fournies.attributions_fournies, coalesce(decomptes.attribution, 0), null) as attribution,
        if(fournies.attributions_fournies, coalesce(decomptes.bail, 0), null) as bail,
        if(fournies.attributions_fournies, coalesce(decomptes.bail_ou_refus, 0), null) as bail_ou_refus,
        if(
            (fournies.propositions_fournies or conventions.evenement_decompte in ('attribution', 'bail'))
            and (fournies.attributions_fournies or conventions.evenement_decompte = 'mise_a_disposition'),
            coalesce(decomptes.decompte, 0),
            null
        ) as decompte,
        if(
            fournies.attributions_fournies and conventions.type_reservataire = 'action_logement',
            coalesce(decomptes.partenariat, 0),
            null
        ) as partenariat,
        objectif_reservataire.flux_reservataire as flux_annonce,
        objectif_reservataire.report_anterieur,
        objectif_reservataire.objectif,
        objectif_reservataire.est_ecart_justifie
    from intermediaire.conventions
    cross join fournies
    left join decomptes on conventions.code_reservataire = decomptes.code_reservataire
    left join intermediaire.objectif_reservataire
        on conventions.code_reservataire = objectif_reservataire.code_reservataire
    inner join intermediaire.conventions_en_vigueur as en_vigueur
        on
            conventions.code_reservataire = en_vigueur.code_reservataire
            and en_vigueur.usage = 'annexe'
            and en_vigueur.numero = 1
    inner join intermediaire.conventions_datees as annexe on en_vigueur.id_convention = annexe.id_convention
    where conventions.numero = 1
)

select
    connus.*,
    connus.decompte - connus.objectif as ecart,
    case
        when exercice.est_provisoire or not connus.report_n1 then null
        when connus.decompte < connus.objectif and connus.est_ecart_justifie then 0
        else connus.objectif - connus.decompte
    end as report_suivant,
    if(
        connus.objectif is null or connus.decompte is null,
        null,
        if(
            not connus.report_n1 or (connus.decompte < connus.objectif and connus.est_ecart_justifie),
            0,
            connus.objectif - connus.decompte
        )
    ) as report
from connus
cross join ref.exercice
