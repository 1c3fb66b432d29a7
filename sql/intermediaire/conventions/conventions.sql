-- Convention de chaque réservataire sur chaque territoire à la fin de l'exercice.
-- Grain : un réservataire et un territoire.
-- Clé : id_convention
select
    conventions_datees.id_convention,
    conventions_datees.code_reservataire,
    conventions_datees.libelle,
    conventions_datees.type_reservataire,
    conventions_datees.siren,
    conventions_datees.echelle,
    conventions_datees.code_territoire,
    conventions_datees.date_debut,
    conventions_datees.date_fin,
    conventions_datees.date_fin_reconduite,
    coalesce(conventions_datees.date_debut <= exercice.date_fin, true)
    and coalesce(conventions_datees.date_fin_reconduite >= exercice.date_debut, true) as est_en_vigueur,
    conventions_en_vigueur.est_anticipee,
    conventions_datees.mode_taux,
    conventions_datees.taux_pct,
    conventions_datees.taux_retrocession_pct,
    conventions_datees.taux_recu_pct,
    conventions_datees.base_rotation,
    conventions_datees.taux_rotation_pct,
    conventions_datees.evenement_decompte,
    conventions_datees.arrondi_etapes,
    conventions_datees.arrondi_final,
    conventions_datees.report_n1,
    conventions_datees.jour_edl,
    conventions_datees.jour_bilan,
    conventions_datees.options,
    conventions_datees.profil,
    conventions_datees.est_garantie_prolongee,
    conventions_datees.est_partenariat_dans_flux,
    conventions_datees.modele_annexe,
    conventions_en_vigueur.numero,
    conventions_datees.fichier,
    conventions_datees.feuille,
    conventions_datees.ligne
from intermediaire.conventions_en_vigueur
inner join intermediaire.conventions_datees
    on conventions_en_vigueur.id_convention = conventions_datees.id_convention
cross join ref.exercice
where conventions_en_vigueur.usage = 'exercice'
