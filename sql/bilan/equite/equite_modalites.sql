-- Mélange des logements proposés à un réservataire, à côté de celui des libérations de son périmètre.
-- Source : [001] art. 4, [004] art. 3-1.
-- Grain : un réservataire, une dimension et une modalité.
-- Clé : code_reservataire, dimension, modalite
select
    equite_modalites.code_reservataire,
    equite_modalites.dimension,
    dimensions.libelle as libelle_dimension,
    equite_modalites.modalite,
    coalesce(libelles_modalites.libelle_modalite, equite_modalites.modalite) as libelle_modalite,
    100 * dimensions.ordre + coalesce(libelles_modalites.ordre, 50) as ordre,
    equite_modalites.proposes,
    part_pct(equite_modalites.proposes, equite_modalites.total_proposes) as proposes_pct,
    equite_modalites.liberes,
    part_pct(equite_modalites.liberes, equite_modalites.total_liberes) as liberes_pct,
    part_pct(equite_modalites.proposes, equite_modalites.total_proposes)
    - part_pct(equite_modalites.liberes, equite_modalites.total_liberes) as ecart_points,
    part_pct(
        equite_modalites.possibles * equite_modalites.total_proposes, 100 * equite_modalites.total_possibles
    ) as attendus
from intermediaire.equite_modalites
inner join ref.tables_fournies on tables_fournies.table_metier = 'liberations' and tables_fournies.est_fournie
inner join ref.tables_fournies as avec on avec.table_metier = 'propositions' and avec.est_fournie
inner join ref.dimensions on equite_modalites.dimension = dimensions.dimension
left join intermediaire.libelles_modalites
    on
        equite_modalites.dimension = libelles_modalites.dimension
        and equite_modalites.modalite = libelles_modalites.modalite
