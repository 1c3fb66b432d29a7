-- Opérations engagées et non livrées à la date de l'inventaire, une à une : droits attendus par Action Logement, durée,
-- taux de rotation retenu et équivalent en droits uniques.
-- Source : [000] annexe 1b, 1.3.
-- Grain : un bilan et une ligne de la table programmes_neufs.
-- Clé : code_reservataire, fichier, feuille, ligne
select
    unnest([operations.code_reservataire, '_bailleur']) as code_reservataire,
    coalesce(conventions.libelle, operations.code_reservataire) as libelle_reservataire,
    operations.operation,
    programmes.commune,
    coalesce(departements.libelle_departement, 'Non renseigné') as libelle_departement,
    programmes.numeros_convention,
    cast(operations.nb_ds as decimal(38, 6)) as nb_ds,
    cast(programmes.duree_ds_annees as decimal(38, 6)) as duree_ds_annees,
    en_decimal(reglages.taux * 100) as taux_rotation_pct,
    if(operations.nb_ds = 0, cast(0 as decimal(38, 6)), en_decimal(operations.du_equivalents)) as du_equivalents_exact,
    cast(operations.nb_du_premier_tour as decimal(38, 6)) as nb_du_premier_tour,
    cast(operations.nb_du_parc as decimal(38, 6)) as nb_du_parc,
    programmes.nb_logements,
    programmes.date_livraison_prevue,
    operations.fichier,
    operations.feuille,
    operations.ligne
from intermediaire.volume_operations as operations
inner join intermediaire.volumes_reglages as reglages on operations.code_reservataire = reglages.code_reservataire
inner join staging.programmes_neufs as programmes
    on
        operations.fichier = programmes.fichier
        and operations.feuille = programmes.feuille
        and operations.ligne = programmes.ligne
left join intermediaire.conventions
    on operations.code_reservataire = conventions.code_reservataire and conventions.numero = 1
left join ref.departements on departement_de(programmes.code_insee) = departements.code_departement
where operations.est_engagee
