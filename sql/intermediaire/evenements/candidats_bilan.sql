-- Candidats examinés, dans chaque bilan qui les compte : celui du réservataire qu'ils nomment, du bailleur, de
-- l'EPCI ou de l'EPT du logement.
-- Grain : un bilan et une décision sur un candidat.
-- Clé : code_reservataire, id_ligne
with

situees as (
    select
        code_reservataire as code_bilan,
        candidatures.*
    from intermediaire.candidatures
    where code_reservataire is not null
    union all
    select
        bilans_ensemble.code_reservataire as code_bilan,
        candidatures.*
    from intermediaire.candidatures
    inner join intermediaire.bilans_ensemble on candidatures.id_logement = bilans_ensemble.id_logement
)

select
    situees.code_bilan as code_reservataire,
    case
        when situees.code_reservataire is null then 'non_reserve'
        else coalesce(types_reservataire.famille, 'autre')
    end as contingent,
    conventions.type_reservataire,
    situees.code_reservataire as reservataire,
    situees.designataire,
    situees.id_ligne,
    situees.id_offre,
    situees.id_logement,
    situees.date_caleol,
    situees.date_signature_bail,
    situees.decision,
    situees.est_attribue,
    situees.motif_decision,
    situees.reponse_candidat,
    situees.motif_refus,
    situees.categorie,
    situees.motif_mutation,
    situees.est_premiere_location,
    situees.categorie = 'droit_commun' and not situees.est_premiere_location as est_droit_commun,
    situees.public,
    situees.est_dalo,
    situees.motif_priorite,
    situees.est_premier_quartile,
    situees.priorite,
    situees.fichier,
    situees.feuille,
    situees.ligne
from situees
left join intermediaire.conventions
    on situees.code_reservataire = conventions.code_reservataire and conventions.numero = 1
left join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
