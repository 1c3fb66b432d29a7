-- Logements déclarés hors flux.
-- Grain : une ligne de la table exclusions.
-- Clé : fichier, feuille, ligne
select
    evenements.motif_exclusion,
    cast(evenements.date_debut as date) as date_debut,
    cast(evenements.date_fin as date) as date_fin,
    evenements.accord_prefet,
    identifiants.id_logement,
    evenements.fichier,
    evenements.feuille,
    evenements.ligne
from raw.exclusions as evenements
left join
    staging.identifiants
    on
        coalesce(evenements.ident_rep, '') = identifiants.ident_rep
        and coalesce(evenements.ident_interne, '') = identifiants.ident_interne
