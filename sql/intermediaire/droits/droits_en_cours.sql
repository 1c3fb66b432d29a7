-- Droits de réservation au 1er janvier N+1, ceux que compte le taux du réservataire.
-- Source : contrat, « Part ».
-- Grain : une ligne de la table droits et une convention.
-- Clé : id_convention, fichier, feuille, ligne
select
    id_convention,
    code_reservataire,
    id_logement,
    nature_droit,
    origine_droit,
    nombre_droits,
    part_numerateur,
    part_denominateur,
    nb_droits_comptes,
    date_debut,
    date_extinction,
    est_commence,
    est_eteint,
    est_compte,
    fichier,
    feuille,
    ligne
from intermediaire.droits_a_date
where usage = 'annexe'
