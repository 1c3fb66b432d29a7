-- Programmes neufs à la date d'arrêté : ce que chaque réservataire en attend et où en est l'opération.
-- Source : [000] annexe 3.2.
-- Grain : une ligne de la table programmes_neufs.
-- Clé : fichier, feuille, ligne
select
    programmes.*,
    nom_normalise(programmes.operation) as nom_operation,
    coalesce(programmes.nb_du_premier_tour, 0) + coalesce(programmes.nb_ds, 0) as flux_reserve,
    exercice.date_fin as date_arrete,
    -- une opération dite livrée sans date l'est ; une livraison datée après l'arrêté n'a pas encore eu lieu
    programmes.statut = 'livre' and coalesce(programmes.date_livraison <= exercice.date_fin, true) as est_livree,
    programmes.statut = 'abandonne' and coalesce(programmes.date_statut <= exercice.date_fin, true) as est_abandonnee,
    coalesce(programmes.date_livraison_prevue, programmes.date_livraison) as date_reference,
    list_filter(
        [programmes.code_reservataire, '_bailleur', 'epci_' || communes.code_epci, 'ept_' || ept.code_ept],
        lambda code: code is not null
    ) as codes_bilan
from staging.programmes_neufs as programmes
cross join ref.exercice
left join ref.communes on programmes.code_insee = communes.code_commune
left join ref.ept on communes.code_commune_actuelle = ept.code_commune
