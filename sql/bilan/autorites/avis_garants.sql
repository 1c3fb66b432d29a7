-- Emprunts garantis dont le dernier versement est dans l'exercice : le bailleur en informe le garant, et les droits
-- courent encore ce que dit la dernière colonne.
-- Source : CCH R.441-6, L.441-1 al. 40.
-- Grain : une ligne de la table droits, pour le bailleur.
-- Clé : code_reservataire, fichier, feuille, ligne
select
    etat_des_lieux.code_reservataire,
    etat_des_lieux.code_titulaire,
    etat_des_lieux.libelle_reservataire,
    etat_des_lieux.ident_rep,
    etat_des_lieux.nom_residence,
    etat_des_lieux.libelle_commune,
    etat_des_lieux.numero_convention,
    etat_des_lieux.nombre_droits,
    etat_des_lieux.date_fin_emprunt,
    etat_des_lieux.date_extinction,
    case
        when etat_des_lieux.date_extinction is null then 'Emprunt remboursé : garant à informer, droit sans terme connu'
        when etat_des_lieux.date_extinction > etat_des_lieux.date_fin_emprunt
            then
                'Emprunt remboursé : garant à informer, droits jusqu''au '
                || strftime(etat_des_lieux.date_extinction, '%d/%m/%Y')
        else 'Emprunt remboursé : garant à informer, droits éteints'
    end as avis,
    etat_des_lieux.fichier,
    etat_des_lieux.feuille,
    etat_des_lieux.ligne
from bilan.etat_des_lieux
cross join ref.exercice
where
    etat_des_lieux.code_reservataire = '_bailleur'
    and coalesce(etat_des_lieux.origine_droit, 'garantie_emprunt') = 'garantie_emprunt'
    and etat_des_lieux.date_fin_emprunt between exercice.date_debut and exercice.date_fin
