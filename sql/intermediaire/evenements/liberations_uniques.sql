-- Libérations distinctes, un logement et une date, dont le logement est au parc du 1er janvier N ou non.
-- Grain : un logement et une date de libération.
-- Clé : id_logement, date_liberation
select
    id_logement,
    date_liberation,
    year(date_liberation) as annee_liberation,
    arg_min(fichier, fichier || ' ' || feuille || ' ' || lpad(cast(ligne as varchar), 9, '0')) as fichier,
    arg_min(feuille, fichier || ' ' || feuille || ' ' || lpad(cast(ligne as varchar), 9, '0')) as feuille,
    arg_min(ligne, fichier || ' ' || feuille || ' ' || lpad(cast(ligne as varchar), 9, '0')) as ligne
from staging.liberations
group by id_logement, date_liberation
