-- Candidats examinés, avec leur proposition, la nature de leur attribution et de leur bail, le public qu'ils
-- représentent. Une ligne attribuée en première location rend tel tout l'événement (logement et date).
-- Source : contrat, « Events » et « Decided at the edges ».
-- Grain : une décision sur un candidat.
-- Clé : id_ligne
with

situees as (
    select
        attributions.*,
        liens_propositions.id_offre,
        coalesce(attributions.premiere_location, offres.premiere_location) as premiere_ecrite,
        logements_neufs.id_logement is not null as est_neuf,
        logements_neufs.date_premier_bail
    from staging.attributions
    left join intermediaire.liens_propositions on attributions.id_ligne = liens_propositions.id_ligne
    left join intermediaire.offres on liens_propositions.id_offre = offres.id_offre
    left join intermediaire.logements_neufs on attributions.id_logement = logements_neufs.id_logement
),

premieres as (
    select
        *,
        premiere_ecrite is null and est_neuf and coalesce(date_premier_bail >= date_caleol, true)
            as est_premiere_deduite,
        coalesce(premiere_ecrite, est_neuf and coalesce(date_premier_bail >= date_caleol, true)) as est_premiere,
        coalesce(
            date_signature_bail is not null
            and coalesce(premiere_ecrite, est_neuf and date_premier_bail >= date_signature_bail),
            false
        ) as est_premier
    from situees
),

par_evenement as (
    select
        *,
        est_premiere
        or bool_or(est_premiere and est_attribue) over (partition by id_logement, date_caleol) as est_premiere_location,
        date_signature_bail is not null
        and bool_or(est_premier and est_attribue) over (partition by id_logement, date_signature_bail)
            as est_premier_bail
    from premieres
)

select
    par_evenement.id_ligne,
    par_evenement.id_decision,
    par_evenement.id_proposition,
    par_evenement.id_offre,
    par_evenement.code_reservataire,
    par_evenement.id_logement,
    par_evenement.date_caleol,
    par_evenement.decision,
    par_evenement.est_attribue,
    par_evenement.rang,
    par_evenement.motif_decision,
    par_evenement.reponse_candidat,
    par_evenement.motif_refus,
    par_evenement.date_signature_bail,
    par_evenement.categorie,
    par_evenement.motif_mutation,
    par_evenement.designataire,
    par_evenement.est_dalo,
    par_evenement.est_prioritaire,
    par_evenement.motif_priorite,
    par_evenement.est_premier_quartile,
    par_evenement.est_premiere_deduite,
    par_evenement.est_premiere_location,
    par_evenement.est_premier_bail,
    par_evenement.est_attribue and par_evenement.categorie = 'droit_commun' as est_attribue_droit_commun,
    par_evenement.est_attribue
    and par_evenement.categorie = 'droit_commun'
    and not par_evenement.est_premiere_location as est_dans_flux,
    par_evenement.est_attribue
    and par_evenement.categorie = 'droit_commun'
    and par_evenement.date_signature_bail is not null
    and not par_evenement.est_premier_bail as est_bail_dans_flux,
    case
        when par_evenement.est_dalo then 'dalo'
        when par_evenement.est_prioritaire then 'prioritaire'
        when par_evenement.est_dalo is null and par_evenement.est_prioritaire is null then 'non_renseigne'
        else 'autre'
    end as public,
    case par_evenement.est_premier_quartile
        when true then 'premier_quartile' when false then 'autre' else 'non_renseigne'
    end as quartile,
    -- rang du candidat retenu dans son groupe : bail signé, puis réponse favorable, puis rang de la CALEOL
    row_number() over (
        order by
            par_evenement.date_signature_bail is null,
            coalesce(par_evenement.reponse_candidat, '') <> 'accepte',
            par_evenement.rang nulls last,
            par_evenement.id_decision nulls last,
            par_evenement.id_ligne
    ) as priorite,
    par_evenement.fichier,
    par_evenement.feuille,
    par_evenement.ligne
from par_evenement
