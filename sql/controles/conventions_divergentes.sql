-- Les conventions d'un réservataire sur plusieurs territoires ne décomptent pas le même événement.
-- Grain : un réservataire.
select
    'avertissement' as gravite,
    min(fichier) as fichier,
    min(feuille) as feuille,
    min(ligne) as ligne,
    'evenement_decompte' as colonne,
    string_agg(distinct evenement_decompte, ', ' order by evenement_decompte) as valeur,
    'Les conventions de ' || code_reservataire
    || ' décomptent des événements différents : chacune le sien sur son territoire, et leur somme les mêle.' as message,
    'Vérifiez evenement_decompte ; donnez un code à chaque convention pour les lire à part.' as correction,
    code_reservataire
from intermediaire.conventions
group by code_reservataire
having count(distinct evenement_decompte) > 1
