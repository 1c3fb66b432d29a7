-- Caractéristiques de chaque logement, une par ligne, et la ligne « total » qui vaut pour tous.
-- Grain : un logement et une dimension.
-- Clé : id_logement, dimension
-- Forme : vue
select
    id_logement,
    unnest([
        'total',
        'typologie',
        'financement',
        'qpv',
        'commune',
        'periode_construction',
        'epci',
        'accessibilite'
    ]) as dimension,
    unnest([
        'total',
        typologie,
        financement,
        qpv,
        commune,
        periode_construction,
        epci,
        accessibilite
    ]) as modalite
from intermediaire.caracteristiques
