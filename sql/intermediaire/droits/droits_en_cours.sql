-- Droits de réservation au 1er janvier du millésime de l'annexe, ceux que compte le taux du réservataire.
-- Source : contrat, « Part ».
-- Grain : une ligne de la table droits et une convention.
-- Clé : id_convention, fichier, feuille, ligne
select * exclude (usage)
from intermediaire.droits_a_date
where usage = 'annexe'
