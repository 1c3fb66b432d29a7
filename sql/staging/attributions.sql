-- Candidats examinés par la CALEOL, sans donnée personnelle.
-- Grain : une décision sur un candidat.
-- Clé : fichier, feuille, ligne
select
    evenements.id_decision,
    evenements.id_proposition,
    evenements.code_reservataire,
    cast(evenements.date_caleol as date) as date_caleol,
    evenements.decision,
    evenements.decision like 'attribution%' as est_attribue,
    cast(evenements.rang as integer) as rang,
    evenements.motif_decision,
    evenements.reponse_candidat,
    evenements.motif_refus,
    cast(evenements.date_signature_bail as date) as date_signature_bail,
    evenements.categorie,
    evenements.motif_mutation,
    evenements.designataire,
    cast(evenements.dalo as boolean) as est_dalo,
    cast(evenements.prioritaire as boolean) as est_prioritaire,
    evenements.motif_priorite,
    cast(evenements.quartile_1 as boolean) as est_premier_quartile,
    coalesce(evenements.ident_rep, identifiants.id_logement, 'interne ' || evenements.ident_interne) as id_logement,
    evenements.fichier,
    evenements.feuille,
    evenements.ligne
from raw.attributions as evenements
left join staging.identifiants on evenements.ident_interne = identifiants.ident_interne
