-- Logements libérés.
-- Grain : une ligne de la table liberations.
-- Clé : fichier, feuille, ligne
select
    cast(evenements.date_conge as date) as date_conge,
    cast(evenements.date_liberation as date) as date_liberation,
    evenements.motif_depart,
    cast(evenements.date_relocation as date) as date_relocation,
    identifiants.id_logement,
    evenements.fichier,
    evenements.feuille,
    evenements.ligne
from raw.liberations as evenements
left join
    staging.identifiants
    on
        coalesce(evenements.ident_rep, '') = identifiants.ident_rep
        and coalesce(evenements.ident_interne, '') = identifiants.ident_interne
