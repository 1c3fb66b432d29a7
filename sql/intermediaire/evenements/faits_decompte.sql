-- Ce qui compte pour l'objectif de chaque réservataire, par l'événement de la convention du jour, et la gestion
-- partenariale d'Action Logement à part. Ce qui a compté par la proposition ou l'attribution ne compte plus ensuite.
-- Source : contrat, « decompte », « `bail_ou_refus` counts a proposition once », « From one convention to the next ».
-- Grain : un réservataire, une façon de décompter et un événement.
-- Clé : code_reservataire, mesure, evenement_decompte, id_logement, date_evenement, id_offre
with

offres as (
    select
        offres.id_offre,
        offres.code_reservataire,
        offres.id_logement,
        offres.date_mise_a_disposition,
        offres.date_relance,
        offres.issue,
        conventions_evenements.evenement_decompte as evenement_convention,
        coalesce(conventions_evenements.evenement_decompte = 'mise_a_disposition', false) as est_decomptee,
        offres.fichier,
        offres.feuille,
        offres.ligne
    from intermediaire.offres
    left join intermediaire.conventions_evenements
        on
            offres.code_reservataire = conventions_evenements.code_reservataire
            and offres.id_logement = conventions_evenements.id_logement
            and offres.date_mise_a_disposition = conventions_evenements.date_evenement
    where not offres.est_annulee and not offres.est_premiere_location
),

mis_a_disposition as (
    select
        code_reservataire,
        'mise_a_disposition' as evenement_decompte,
        est_decomptee as est_evenement_convention,
        false as est_partenariat,
        id_logement,
        date_mise_a_disposition as date_evenement,
        id_offre,
        'non_renseigne' as public,
        'non_renseigne' as quartile,
        fichier,
        feuille,
        ligne
    from offres
),

candidats as (
    select
        candidatures.*,
        attribution.evenement_decompte as convention_attribution,
        bail.evenement_decompte as convention_bail,
        coalesce(candidatures.designataire = 'bailleur', false)
        and coalesce(attribution.est_partenariat_ote, false) as est_attribution_partenariat,
        coalesce(candidatures.designataire = 'bailleur', false)
        and coalesce(bail.est_partenariat_ote, false) as est_bail_partenariat,
        coalesce(offres.est_decomptee, false) as est_offre_decomptee
    from intermediaire.candidatures
    left join intermediaire.conventions_evenements as attribution
        on
            candidatures.code_reservataire = attribution.code_reservataire
            and candidatures.id_logement = attribution.id_logement
            and candidatures.date_caleol = attribution.date_evenement
    left join intermediaire.conventions_evenements as bail
        on
            candidatures.code_reservataire = bail.code_reservataire
            and candidatures.id_logement = bail.id_logement
            and candidatures.date_signature_bail = bail.date_evenement
    left join offres
        on
            candidatures.id_offre = offres.id_offre
            and candidatures.code_reservataire = offres.code_reservataire
    where candidatures.est_attribue_droit_commun and candidatures.code_reservataire is not null
),

-- un seul candidat représente l'attribution : celui du réservataire plutôt que du bailleur, puis le mieux placé
attribues as (
    select
        *,
        est_offre_decomptee as est_deja_compte
    from candidats
    where est_dans_flux
    qualify row_number() over (
        partition by code_reservataire, id_logement, date_caleol
        order by est_attribution_partenariat, est_offre_decomptee, priorite
    ) = 1
),

attributions_decomptees as (
    select
        code_reservataire,
        id_logement,
        date_caleol,
        est_attribution_partenariat as est_partenariat
    from attribues
    where convention_attribution = 'attribution' and not est_deja_compte
),

candidats_suivis as (
    select
        candidats.*,
        candidats.est_dans_flux and attributions_decomptees.id_logement is not null as est_attribution_decomptee,
        candidats.est_dans_flux and coalesce(attributions_decomptees.est_partenariat, false) as est_decompte_partenariat
    from candidats
    left join attributions_decomptees
        on
            candidats.code_reservataire = attributions_decomptees.code_reservataire
            and candidats.id_logement = attributions_decomptees.id_logement
            and candidats.date_caleol = attributions_decomptees.date_caleol
),

baux as (
    select
        *,
        est_offre_decomptee
        or (est_attribution_decomptee and (not est_decompte_partenariat or est_bail_partenariat)) as est_deja_compte
    from candidats_suivis
    where est_bail_dans_flux
    qualify row_number() over (
        partition by code_reservataire, id_logement, date_signature_bail
        order by est_bail_partenariat, est_deja_compte, priorite
    ) = 1
),

logees as (
    select distinct id_offre
    from intermediaire.candidatures
    where date_signature_bail is not null and id_offre is not null
),

juges as (
    select
        offres.id_offre,
        candidats_suivis.date_caleol,
        candidats_suivis.priorite,
        candidats_suivis.public,
        candidats_suivis.quartile,
        candidats_suivis.est_attribution_decomptee,
        coalesce(candidats_suivis.reponse_candidat, '') in ('refuse', 'sans_reponse') as est_refus,
        candidats_suivis.est_attribution_partenariat,
        candidats_suivis.est_bail_dans_flux and not candidats_suivis.est_bail_partenariat as est_loge,
        candidats_suivis.convention_bail
    from offres
    inner join candidats_suivis
        on
            offres.id_offre = candidats_suivis.id_offre
            and offres.code_reservataire = candidats_suivis.code_reservataire
),

suites as (
    select
        id_offre,
        bool_and(est_refus) filter (where not est_attribution_partenariat) as est_refusee,
        max(date_caleol) filter (where not est_attribution_partenariat) as date_refus,
        bool_or(est_attribution_decomptee) as est_attribution_decomptee,
        bool_or(est_loge) as est_loge,
        bool_or(est_loge and convention_bail in ('bail', 'bail_ou_refus')) as est_bail_decompte,
        arg_min(public, priorite) filter (where not est_attribution_partenariat) as public,
        arg_min(quartile, priorite) filter (where not est_attribution_partenariat) as quartile
    from juges
    group by id_offre
),

refusees as (
    select
        offres.*,
        suites.date_refus,
        suites.public,
        suites.quartile,
        coalesce(conventions_evenements.evenement_decompte = 'bail_ou_refus', false)
        and not offres.est_decomptee
        and not suites.est_attribution_decomptee as est_evenement_convention
    from offres
    inner join suites on offres.id_offre = suites.id_offre
    anti join logees on offres.id_offre = logees.id_offre
    left join intermediaire.conventions_evenements
        on
            offres.code_reservataire = conventions_evenements.code_reservataire
            and offres.id_logement = conventions_evenements.id_logement
            and suites.date_refus = conventions_evenements.date_evenement
    where suites.est_refusee
),

carences as (
    select
        offres.*,
        coalesce(suites.est_loge, false) or refusees.id_offre is not null as est_remplacee,
        coalesce(conventions_evenements.evenement_decompte = 'bail_ou_refus', false)
        and not offres.est_decomptee
        and not coalesce(suites.est_attribution_decomptee, false)
        and not coalesce(suites.est_bail_decompte, false)
        and not coalesce(refusees.est_evenement_convention, false) as est_evenement_convention
    from offres
    left join suites on offres.id_offre = suites.id_offre
    left join refusees on offres.id_offre = refusees.id_offre
    left join intermediaire.conventions_evenements
        on
            offres.code_reservataire = conventions_evenements.code_reservataire
            and offres.id_logement = conventions_evenements.id_logement
            and offres.date_relance = conventions_evenements.date_evenement
    where offres.issue = 'carence' and offres.date_relance is not null
),

par_evenement as (
    select * from mis_a_disposition
    union all
    select
        code_reservataire,
        'attribution' as evenement_decompte,
        coalesce(convention_attribution = 'attribution', false) and not est_deja_compte as est_evenement_convention,
        est_attribution_partenariat as est_partenariat,
        id_logement,
        date_caleol as date_evenement,
        0 as id_offre,
        public,
        quartile,
        fichier,
        feuille,
        ligne
    from attribues
    union all
    select
        code_reservataire,
        facons.evenement_decompte,
        coalesce(convention_bail = facons.evenement_decompte, false)
        and not est_deja_compte as est_evenement_convention,
        est_bail_partenariat as est_partenariat,
        id_logement,
        date_signature_bail as date_evenement,
        0 as id_offre,
        public,
        quartile,
        fichier,
        feuille,
        ligne
    from baux
    cross join (values ('bail'), ('bail_ou_refus')) as facons (evenement_decompte)
    union all
    select
        code_reservataire,
        'bail_ou_refus' as evenement_decompte,
        est_evenement_convention,
        false as est_partenariat,
        id_logement,
        date_refus as date_evenement,
        id_offre,
        public,
        quartile,
        fichier,
        feuille,
        ligne
    from refusees
    union all
    select
        code_reservataire,
        'bail_ou_refus' as evenement_decompte,
        est_evenement_convention,
        false as est_partenariat,
        id_logement,
        date_relance as date_evenement,
        id_offre,
        'non_renseigne' as public,
        'non_renseigne' as quartile,
        fichier,
        feuille,
        ligne
    from carences
    where est_evenement_convention or not est_remplacee
)

select
    par_evenement.code_reservataire,
    if(par_evenement.est_partenariat, 'partenariat', 'decompte') as mesure,
    par_evenement.evenement_decompte,
    par_evenement.est_evenement_convention,
    par_evenement.id_logement,
    par_evenement.date_evenement,
    par_evenement.id_offre,
    par_evenement.public,
    par_evenement.quartile,
    par_evenement.fichier,
    par_evenement.feuille,
    par_evenement.ligne
from par_evenement
inner join ref.exercice on par_evenement.date_evenement between exercice.date_debut and exercice.date_fin
