-- Candidats examinés, dans chaque bilan qui les compte : celui du réservataire qu'ils nomment, du bailleur, de
-- l'EPCI du logement.
-- Grain : un bilan et une décision sur un candidat.
-- Clé : code_reservataire, fichier, feuille, ligne
with

situes as (
    select
        unnest([
            candidatures.code_reservataire, '_bailleur', 'epci_' || nullif(caracteristiques.epci, 'non_renseigne')
        ]) as code_bilan,
        case
            when candidatures.code_reservataire is null then 'non_reserve'
            else coalesce(types_reservataire.famille, 'autre')
        end as contingent,
        candidatures.*
    from intermediaire.candidatures
    inner join intermediaire.caracteristiques on candidatures.id_logement = caracteristiques.id_logement
    left join intermediaire.conventions
        on candidatures.code_reservataire = conventions.code_reservataire and conventions.numero = 1
    left join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
)

select
    code_bilan as code_reservataire,
    contingent,
    id_proposition,
    id_logement,
    date_caleol,
    date_signature_bail,
    decision,
    est_attribue,
    motif_decision,
    reponse_candidat,
    motif_refus,
    categorie,
    motif_mutation,
    est_premiere_location,
    categorie = 'droit_commun' and not est_premiere_location as est_droit_commun,
    public,
    est_dalo,
    motif_priorite,
    est_premier_quartile,
    priorite,
    fichier,
    feuille,
    ligne
from situes
where code_bilan is not null
