-- Bilans dont le périmètre au 1er janvier N tient chaque logement connu, et par quelle convention.
-- Source : contrat, « Perimeter ».
-- Grain : un bilan et un logement.
-- Clé : code_reservataire, id_logement
-- Forme : vue
select
    perimetres_lieux.code_reservataire,
    perimetres_lieux.nature_bilan,
    perimetres_lieux.id_convention,
    perimetres_lieux.profil,
    caracteristiques.id_logement
from intermediaire.caracteristiques
inner join intermediaire.perimetres_lieux
    on caracteristiques.id_lieu = perimetres_lieux.id_lieu and perimetres_lieux.usage = 'bilan'
