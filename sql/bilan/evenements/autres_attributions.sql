-- Attributions hors flux (mutations et relogements), par catégorie et par dimension.
-- Grain : un bilan, une catégorie, une dimension et une modalité.
-- Clé : code_reservataire, categorie, dimension, modalite
select
    mesures.code_reservataire,
    categories.categorie,
    categories.libelle,
    mesures.dimension,
    dimensions.libelle as libelle_dimension,
    mesures.modalite,
    ventilations.libelle_modalite,
    1000 * categories.ordre + 100 * dimensions.ordre + ventilations.ordre as ordre,
    mesures.nombre,
    mesures.part_pct
from bilan.mesures
inner join ref.categories on mesures.mesure = categories.mesure
inner join ref.dimensions using (dimension)
inner join bilan.ventilations using (code_reservataire, dimension, modalite)
where mesures.dimension not in ('public', 'quartile') and (mesures.nombre > 0 or mesures.dimension = 'total')
