-- Échecs d'attribution : les candidats d'un réservataire examinés un même jour pour un logement, dont aucun n'est
-- attributaire, ou dont tous les attributaires refusent ou ne répondent pas ; et ce que le logement est devenu.
-- Source : CCH L.441-1 al. 43 et 44.
-- Grain : un réservataire, un logement et une date.
-- Clé : code_reservataire, id_logement, date_caleol
with

presentes as (
    select
        *,
        date_signature_bail is null and coalesce(reponse_candidat in ('refuse', 'sans_reponse'), false) as a_refuse
    from intermediaire.candidatures
    where categorie = 'droit_commun'
),

-- les candidats que le bailleur désigne ne sont pas présentés par le réservataire
echecs as (
    select
        code_reservataire,
        id_logement,
        date_caleol,
        count(*) as nb_candidats,
        count(*) filter (where est_attribue) as nb_attributaires,
        count(*) filter (where est_attribue and reponse_candidat = 'sans_reponse') as nb_sans_reponse,
        min(motif_decision) filter (where not est_attribue) as motif_decision,
        min(motif_refus) filter (where est_attribue) as motif_refus
    from presentes
    where code_reservataire is not null and coalesce(designataire, '') <> 'bailleur'
    group by code_reservataire, id_logement, date_caleol
    having bool_and(not est_attribue or a_refuse)
),

suites as (
    select
        echecs.code_reservataire,
        echecs.id_logement,
        echecs.date_caleol,
        suivants.date_caleol as date_suite,
        coalesce(suivants.code_reservataire, 'non_reserve') as titulaire_suite,
        suivants.quartile as quartile_suite
    from echecs
    inner join intermediaire.candidatures as suivants
        on
            echecs.id_logement = suivants.id_logement
            and echecs.date_caleol <= suivants.date_caleol
            and suivants.est_attribue
            and (
                suivants.date_signature_bail is not null
                or coalesce(suivants.reponse_candidat, '') not in ('refuse', 'sans_reponse')
            )
    qualify row_number() over (
        partition by echecs.code_reservataire, echecs.id_logement, echecs.date_caleol
        order by suivants.date_caleol, suivants.priorite
    ) = 1
),

baux as (
    select
        echecs.code_reservataire,
        echecs.id_logement,
        echecs.date_caleol,
        min(candidatures.date_signature_bail) as date_bail_suivant
    from echecs
    inner join intermediaire.candidatures
        on
            echecs.id_logement = candidatures.id_logement
            and candidatures.est_attribue
            and echecs.date_caleol <= candidatures.date_signature_bail
    group by echecs.code_reservataire, echecs.id_logement, echecs.date_caleol
)

select
    echecs.code_reservataire,
    echecs.id_logement,
    echecs.date_caleol,
    echecs.nb_candidats,
    echecs.nb_attributaires,
    case
        when echecs.nb_attributaires = 0 then 'non_attribution'
        when echecs.nb_sans_reponse = echecs.nb_attributaires then 'sans_reponse'
        else 'refus'
    end as nature_echec,
    if(echecs.nb_attributaires = 0, echecs.motif_decision, echecs.motif_refus) as motif_echec,
    suites.date_suite,
    suites.titulaire_suite,
    suites.quartile_suite,
    baux.date_bail_suivant
from echecs
left join suites using (code_reservataire, id_logement, date_caleol)
left join baux using (code_reservataire, id_logement, date_caleol)
