-- Conversion des droits de suite NPNRU, un par un : coefficient de la zone, plafond de la catégorie.
-- Source : [000] annexe 1a, art. 2.4.
-- Grain : un réservataire et une catégorie.
-- Clé : code_reservataire, categorie_npnru
with

coefficients as (
    select
        zone_npnru,
        max(coefficient) as coefficient
    from staging.coefficients_npnru
    where zone_npnru is not null
    group by zone_npnru
),

plafonds as (
    select
        categorie_npnru,
        part_de(max(plafond_pct), max(nb_logements), 100) as plafond
    from staging.coefficients_npnru
    where categorie_npnru is not null
    group by categorie_npnru
),

convertis as (
    select
        droits.code_reservataire,
        coalesce(droits.categorie_npnru, 'sans catégorie') as categorie_npnru,
        sum(droits.nombre_droits) as nb_ds,
        count(*) filter (where coefficients.coefficient is null) as nb_sans_coefficient,
        sum(part_de(droits.nombre_droits, millioniemes(coefficients.coefficient), 1000000)) as du_exact
    from intermediaire.volume_droits_classes as droits
    left join coefficients on droits.zone_npnru = coefficients.zone_npnru
    where droits.classe_droit = 'npnru' and droits.est_en_cours
    group by droits.code_reservataire, coalesce(droits.categorie_npnru, 'sans catégorie')
)

select
    convertis.code_reservataire,
    convertis.categorie_npnru,
    convertis.nb_ds,
    convertis.nb_sans_coefficient,
    if(convertis.nb_sans_coefficient = 0, convertis.du_exact, null) as du_exact,
    plafonds.plafond,
    case
        when convertis.nb_sans_coefficient > 0 then null
        when plafonds.plafond < convertis.du_exact then plafonds.plafond
        else convertis.du_exact
    end as du_retenu
from convertis
left join plafonds on convertis.categorie_npnru = plafonds.categorie_npnru
