-- Droits à vérifier dans l'état des lieux, avec ce que dit l'inventaire et ce que dit le RPLS.
-- Grain : un bilan, une ligne de la table droits, un constat et une colonne.
-- Clé : code_reservataire, fichier, feuille, ligne, constat, colonne
select
    etat_des_lieux.code_reservataire,
    etat_des_lieux.libelle_reservataire,
    etat_des_lieux.ident_rep,
    etat_des_lieux.ident_interne,
    etat_des_lieux.nom_residence,
    etat_des_lieux.libelle_commune,
    etat_des_lieux.numero_convention,
    constats_droits.constat,
    constats.libelle_constat,
    constats_droits.colonne,
    colonnes_droits.libelle_colonne,
    constats_droits.selon_inventaire,
    constats_droits.selon_rpls,
    constats_droits.message,
    etat_des_lieux.fichier,
    etat_des_lieux.feuille,
    etat_des_lieux.ligne
from bilan.etat_des_lieux
inner join intermediaire.constats_droits using (fichier, feuille, ligne)
inner join ref.colonnes_droits on constats_droits.colonne = colonnes_droits.colonne
inner join ref.constats_droits as constats on constats_droits.constat = constats.constat
