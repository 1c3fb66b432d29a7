-- Territoires où se trouve chaque logement connu, d'après ses caractéristiques.
-- Grain : un logement et un territoire.
-- Clé : id_logement, echelle
-- Forme : vue
select
    caracteristiques.id_logement,
    territoires_lieux.echelle,
    territoires_lieux.code_territoire
from intermediaire.caracteristiques
inner join intermediaire.territoires_lieux on caracteristiques.id_lieu = territoires_lieux.id_lieu
