-- Logements déclarés hors flux.
-- Grain : une ligne de la table exclusions.
-- Clé : fichier, feuille, ligne
select
    evenements.motif_exclusion,
    cast(evenements.date_debut as date) as date_debut,
    cast(evenements.date_fin as date) as date_fin,
    evenements.accord_prefet,
    coalesce(evenements.ident_rep, identifiants.id_logement, 'interne ' || evenements.ident_interne) as id_logement,
    evenements.fichier,
    evenements.feuille,
    evenements.ligne
from raw.exclusions as evenements
left join staging.identifiants on evenements.ident_interne = identifiants.ident_interne
