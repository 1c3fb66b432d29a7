-- Logements mis à disposition d'un réservataire.
-- Grain : une proposition.
-- Clé : fichier, feuille, ligne
select
    evenements.id_proposition,
    evenements.code_reservataire,
    cast(evenements.date_mise_a_disposition as date) as date_mise_a_disposition,
    coalesce(evenements.premiere_location = 'true', false) as est_premiere_location,
    cast(evenements.date_limite_reponse as date) as date_limite_reponse,
    cast(evenements.date_relance as date) as date_relance,
    cast(evenements.nb_candidats as integer) as nb_candidats,
    evenements.issue,
    evenements.operation,
    coalesce(evenements.ident_rep, identifiants.id_logement, 'interne ' || evenements.ident_interne) as id_logement,
    evenements.fichier,
    evenements.feuille,
    evenements.ligne
from raw.propositions as evenements
left join staging.identifiants on evenements.ident_interne = identifiants.ident_interne
