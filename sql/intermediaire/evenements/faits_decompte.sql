-- Ce qui compte pour l'objectif de chaque réservataire, par l'événement de sa convention (contrat, « decompte
-- »), et la gestion partenariale d'Action Logement à part.
-- Grain : un réservataire et un événement décompté.
-- Clé : code_reservataire, mesure, evenement_decompte, id_logement, date_evenement, id_proposition
with

regles as (
    select
        code_reservataire,
        evenement_decompte,
        type_reservataire = 'action_logement' and not est_partenariat_dans_flux as ote_partenariat
    from intermediaire.conventions
    where numero = 1
),

candidats as (
    select
        regles.evenement_decompte,
        regles.ote_partenariat and coalesce(candidatures.designataire, '') = 'bailleur' as est_partenariat,
        candidatures.*
    from intermediaire.candidatures
    inner join regles on candidatures.code_reservataire = regles.code_reservataire
    where candidatures.est_dans_flux
),

mis_a_disposition as (
    select
        faits_propositions.code_reservataire,
        'mise_a_disposition' as evenement_decompte,
        faits_propositions.id_logement,
        faits_propositions.date_evenement,
        faits_propositions.fichier
        || ' '
        || faits_propositions.feuille
        || ' '
        || faits_propositions.ligne as id_proposition,
        false as est_partenariat,
        faits_propositions.public,
        faits_propositions.fichier,
        faits_propositions.feuille,
        faits_propositions.ligne
    from intermediaire.faits_propositions
    inner join regles on faits_propositions.code_reservataire = regles.code_reservataire
    where faits_propositions.mesure = 'mises_a_disposition'
),

attribues as (
    select
        code_reservataire,
        'attribution' as evenement_decompte,
        id_logement,
        date_caleol as date_evenement,
        '' as id_proposition,
        bool_and(est_partenariat) as est_partenariat,
        arg_min(public, (est_partenariat, priorite)) as public,
        arg_min(fichier, (est_partenariat, priorite)) as fichier,
        arg_min(feuille, (est_partenariat, priorite)) as feuille,
        arg_min(ligne, (est_partenariat, priorite)) as ligne
    from candidats
    group by code_reservataire, id_logement, date_caleol
),

baux as (
    select
        code_reservataire,
        'bail' as evenement_decompte,
        id_logement,
        date_signature_bail as date_evenement,
        '' as id_proposition,
        bool_and(est_partenariat) as est_partenariat,
        arg_min(public, (est_partenariat, priorite)) as public,
        arg_min(fichier, (est_partenariat, priorite)) as fichier,
        arg_min(feuille, (est_partenariat, priorite)) as feuille,
        arg_min(ligne, (est_partenariat, priorite)) as ligne
    from candidats
    where date_signature_bail is not null
    group by code_reservataire, id_logement, date_signature_bail
),

candidats_des_propositions as (
    select
        propositions.code_reservataire,
        propositions.id_logement,
        propositions.id_proposition,
        propositions.fichier,
        propositions.feuille,
        propositions.ligne,
        candidatures.est_dans_flux,
        candidatures.date_caleol,
        candidatures.public,
        candidatures.priorite,
        candidatures.date_signature_bail is not null as est_loge,
        coalesce(candidatures.reponse_candidat, '') in ('refuse', 'sans_reponse') as est_refus
    from staging.propositions
    inner join regles on propositions.code_reservataire = regles.code_reservataire
    inner join intermediaire.candidatures using (id_proposition)
    where
        not (regles.ote_partenariat and coalesce(candidatures.designataire, '') = 'bailleur')
        and not propositions.est_premiere_location
),

refusees as (
    select
        code_reservataire,
        id_logement,
        max(date_caleol) filter (where est_dans_flux) as date_evenement,
        id_proposition,
        arg_min(public, priorite) filter (where est_dans_flux) as public,
        fichier,
        feuille,
        ligne
    from candidats_des_propositions
    group by code_reservataire, id_logement, id_proposition, fichier, feuille, ligne
    having
        bool_or(est_dans_flux)
        and bool_and(est_refus) filter (where est_dans_flux)
        and not bool_or(est_loge)
),

carences as (
    select
        code_reservataire,
        id_logement,
        date_mise_a_disposition as date_evenement,
        id_proposition,
        'non_renseigne' as public,
        fichier,
        feuille,
        ligne
    from staging.propositions
    where issue = 'carence' and date_relance is not null and not est_premiere_location
),

reputes_tenus as (
    select
        reunies.code_reservataire,
        reunies.id_logement,
        reunies.id_proposition,
        reunies.fichier,
        reunies.feuille,
        reunies.ligne,
        arg_min(reunies.public, (reunies.public = 'non_renseigne', reunies.date_evenement)) as public,
        min(reunies.date_evenement) as date_evenement
    from (
        select * from refusees
        union all
        select * from carences
    ) as reunies
    inner join ref.exercice on reunies.date_evenement between exercice.date_debut and exercice.date_fin
    group by all
),

par_evenement as (
    select * from mis_a_disposition
    union all
    select * from attribues
    union all
    select * from baux
    union all
    select
        code_reservataire,
        'bail_ou_refus' as evenement_decompte,
        id_logement,
        date_evenement,
        id_proposition,
        est_partenariat,
        public,
        fichier,
        feuille,
        ligne
    from baux
    union all
    select
        code_reservataire,
        'bail_ou_refus' as evenement_decompte,
        id_logement,
        date_evenement,
        fichier || ' ' || feuille || ' ' || ligne as id_proposition,
        false as est_partenariat,
        public,
        fichier,
        feuille,
        ligne
    from reputes_tenus
)

select
    par_evenement.code_reservataire,
    if(par_evenement.est_partenariat, 'partenariat', 'decompte') as mesure,
    par_evenement.evenement_decompte,
    par_evenement.evenement_decompte = regles.evenement_decompte as est_evenement_convention,
    par_evenement.id_logement,
    par_evenement.date_evenement,
    par_evenement.id_proposition,
    par_evenement.public,
    par_evenement.fichier,
    par_evenement.feuille,
    par_evenement.ligne
from par_evenement
inner join regles on par_evenement.code_reservataire = regles.code_reservataire
inner join ref.exercice on par_evenement.date_evenement between exercice.date_debut and exercice.date_fin
