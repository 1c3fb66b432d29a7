-- Dossiers présentés, logements attribués et baux de l'exercice, toutes catégories et premières locations
-- comprises : ce que comptent les obligations légales.
-- Grain : un bilan, un acte, un logement et une date ; un candidat pour les présentations.
-- Clé : code_reservataire, acte, id_logement, date_evenement, id_candidat
with

actes as (
    select
        'presentation' as acte,
        date_caleol as date_evenement,
        id_ligne as id_candidat,
        *
    from intermediaire.candidats_bilan
    union all
    select
        'attribution' as acte,
        date_caleol as date_evenement,
        0 as id_candidat,
        *
    from intermediaire.candidats_bilan
    where est_attribue
    union all
    select
        'bail' as acte,
        date_signature_bail as date_evenement,
        0 as id_candidat,
        *
    from intermediaire.candidats_bilan
    where est_attribue
)

select
    actes.code_reservataire,
    actes.acte,
    actes.id_logement,
    actes.date_evenement,
    actes.id_candidat,
    actes.contingent,
    actes.type_reservataire,
    actes.reservataire,
    actes.designataire,
    actes.date_caleol,
    actes.categorie,
    actes.est_droit_commun,
    actes.public,
    actes.motif_priorite,
    actes.est_premier_quartile,
    actes.fichier,
    actes.feuille,
    actes.ligne
from actes
inner join ref.exercice on actes.date_evenement between exercice.date_debut and exercice.date_fin
qualify row_number() over (
    partition by actes.code_reservataire, actes.acte, actes.id_logement, actes.date_evenement, actes.id_candidat
    order by actes.priorite
) = 1
