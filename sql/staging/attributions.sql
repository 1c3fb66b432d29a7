-- Candidats examinés par la CALEOL, sans donnée personnelle ; ni ligne ni bail après la date d'arrêté d'un point
-- d'étape.
-- Source : contrat, « Closed and open ».
-- Grain : une décision sur un candidat, numérotée d'après son contenu.
-- Clé : id_ligne
with

lues as (
    select
        evenements.id_decision,
        evenements.id_proposition,
        evenements.code_reservataire,
        cast(evenements.premiere_location as boolean) as premiere_location,
        cast(evenements.date_caleol as date) as date_caleol,
        evenements.decision,
        evenements.decision like 'attribution%' as est_attribue,
        cast(evenements.rang as integer) as rang,
        evenements.motif_decision,
        evenements.reponse_candidat,
        evenements.motif_refus,
        if(
            exercice.est_provisoire and cast(evenements.date_signature_bail as date) > exercice.date_fin,
            null,
            cast(evenements.date_signature_bail as date)
        ) as date_signature_bail,
        evenements.categorie,
        evenements.motif_mutation,
        evenements.designataire,
        cast(evenements.dalo as boolean) as est_dalo,
        cast(evenements.prioritaire as boolean) as est_prioritaire,
        evenements.motif_priorite,
        cast(evenements.quartile_1 as boolean) as est_premier_quartile,
        identifiants.id_logement,
        evenements.fichier,
        evenements.feuille,
        evenements.ligne
    from raw.attributions as evenements
    inner join ref.exercice
        on not exercice.est_provisoire or cast(evenements.date_caleol as date) <= exercice.date_fin
    left join
        staging.identifiants
        on
            coalesce(evenements.ident_rep, '') = identifiants.ident_rep
            and coalesce(evenements.ident_interne, '') = identifiants.ident_interne
)

select
    row_number() over (
        order by
            lues.id_logement,
            lues.date_caleol,
            lues.id_decision,
            lues.code_reservataire,
            lues.id_proposition,
            lues.categorie,
            lues.decision,
            lues.rang,
            lues.reponse_candidat,
            lues.date_signature_bail,
            lues.premiere_location,
            lues.designataire,
            lues.est_dalo,
            lues.est_prioritaire,
            lues.est_premier_quartile,
            lues.motif_decision,
            lues.motif_refus,
            lues.motif_mutation,
            lues.motif_priorite,
            lues.fichier,
            lues.feuille,
            lues.ligne
    ) as id_ligne,
    lues.id_decision,
    lues.id_proposition,
    lues.code_reservataire,
    lues.premiere_location,
    lues.date_caleol,
    lues.decision,
    lues.est_attribue,
    lues.rang,
    lues.motif_decision,
    lues.reponse_candidat,
    lues.motif_refus,
    lues.date_signature_bail,
    lues.categorie,
    lues.motif_mutation,
    lues.designataire,
    lues.est_dalo,
    lues.est_prioritaire,
    lues.motif_priorite,
    lues.est_premier_quartile,
    lues.id_logement,
    lues.fichier,
    lues.feuille,
    lues.ligne
from lues
