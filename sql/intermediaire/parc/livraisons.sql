-- Logements mis en service dans l'exercice sur le périmètre de chaque bilan, lus dans le RPLS de millésime N+1 ; vide
-- sans ce millésime.
-- Source : [002] art. 6.2.
-- Grain : un bilan et un logement.
-- Clé : code_reservataire, id_logement
select
    perimetres_lieux.code_reservataire,
    parc.id_logement
from intermediaire.parc
inner join ref.exercice on parc.millesime = exercice.annee + 1 and parc.annee_location = exercice.annee
inner join intermediaire.perimetres_lieux on parc.id_lieu = perimetres_lieux.id_lieu
where perimetres_lieux.usage = 'bilan'
