-- Lignes d à j de l'annexe N+1 si les libérations d'un point d'étape continuent au même rythme jusqu'au 31 décembre.
-- Source : [001] art. 8, [003] art. 4 a.
-- Grain : un bilan et un territoire.
-- Clé : id_convention
-- Forme : vue
select
    id_convention,
    code_reservataire,
    nature_bilan,
    c,
    d,
    e,
    h,
    j
from intermediaire.calcul_flux
where usage = 'projection'
