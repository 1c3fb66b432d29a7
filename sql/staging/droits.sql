-- Droits de réservation, rattachés à leur réservataire par son code ou par son nom.
-- Grain : une ligne de la table droits.
-- Clé : fichier, feuille, ligne
select
    droits.code_reservataire,
    droits.reservataire,
    identifiants.id_logement,
    droits.ident_rep,
    droits.ident_interne,
    droits.residence,
    droits.nature_droit,
    droits.origine_droit,
    cast(coalesce(droits.nombre_droits, '1') as decimal(18, 6)) as nombre_droits,
    cast(droits.date_debut as date) as date_debut,
    cast(droits.date_fin as date) as date_fin,
    cast(droits.date_fin_emprunt as date) as date_fin_emprunt,
    droits.numero_convention,
    droits.departement,
    droits.epci,
    droits.commune,
    droits.en_qpv,
    droits.typologie,
    droits.financement,
    droits.collectif_individuel,
    coalesce(droits.structure_collective = 'true', false) as est_structure_collective,
    droits.zone_npnru,
    droits.categorie_npnru,
    droits.fichier,
    droits.feuille,
    droits.ligne
from raw.droits
left join
    staging.identifiants
    on
        coalesce(droits.ident_rep, '') = identifiants.ident_rep
        and coalesce(droits.ident_interne, '') = identifiants.ident_interne
