-- Logements mis en service dans l'exercice sur le périmètre de chaque bilan, lus dans le RPLS de millésime N+1
-- ([002] art. 6.2) ; vide sans ce millésime.
-- Grain : un bilan et un logement.
-- Clé : code_reservataire, id_logement
select distinct
    perimetres.code_reservataire,
    perimetres.id_logement
from intermediaire.perimetres
cross join ref.exercice
inner join intermediaire.parc
    on perimetres.millesime = parc.millesime and perimetres.id_logement = parc.id_logement
where perimetres.millesime = exercice.annee + 1 and parc.annee_location = exercice.annee
