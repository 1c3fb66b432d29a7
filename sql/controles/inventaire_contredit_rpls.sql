-- La description d'un droit contredit le RPLS, qui fait foi.
-- Source : [004] art. 2.
-- Grain : une ligne de fichier et une caractéristique.
select
    'avertissement' as gravite,
    fichier,
    feuille,
    ligne,
    colonne,
    selon_inventaire as valeur,
    'L''inventaire dit « '
    || selon_inventaire
    || ' » pour le logement '
    || id_logement
    || ', le RPLS dit « '
    || selon_rpls
    || ' » : le RPLS fait foi.' as message,
    'Corrigez l''inventaire des droits.' as correction,
    coalesce(code_reservataire, '') as code_reservataire
from intermediaire.droits_contredits
