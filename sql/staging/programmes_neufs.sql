-- Programmes neufs et droits attendus par réservataire.
-- Grain : une opération et un réservataire.
-- Clé : fichier, feuille, ligne
select
    operation,
    adresse,
    code_postal,
    commune,
    code_insee,
    statut,
    cast(date_livraison_prevue as date) as date_livraison_prevue,
    cast(date_livraison as date) as date_livraison,
    code_reservataire,
    cast(nb_logements as integer) as nb_logements,
    cast(nb_ds as decimal(18, 6)) as nb_ds,
    cast(duree_ds_annees as decimal(18, 6)) as duree_ds_annees,
    cast(nb_du_premier_tour as decimal(18, 6)) as nb_du_premier_tour,
    cast(nb_du_parc as decimal(18, 6)) as nb_du_parc,
    numeros_convention,
    origine_droit,
    cast(date_convention as date) as date_convention,
    cast(date_statut as date) as date_statut,
    cast(nb_du_avant as decimal(18, 6)) as nb_du_avant,
    cast(date_notification as date) as date_notification,
    cast(date_repartition as date) as date_repartition,
    cast(date_concertation as date) as date_concertation,
    cast(date_dossier as date) as date_dossier,
    fichier,
    feuille,
    ligne
from raw.programmes_neufs
