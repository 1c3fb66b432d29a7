-- Lignes d à j de l'annexe N+1 si les libérations continuent au même rythme jusqu'au 31 décembre (point
-- d'étape) : le taux de rotation observé est porté à l'année, au prorata des jours ; un taux fixe ou lu dans le
-- RPLS ne change pas.
-- Grain : un bilan et un territoire.
-- Clé : id_convention
with

taux as (
    select
        calcul_flux.id_convention,
        calcul_flux.code_reservataire,
        calcul_flux.nature_bilan,
        calcul_flux.c,
        calcul_flux.f,
        calcul_flux.g,
        calcul_flux.i,
        calcul_flux.arrondi_etapes,
        calcul_flux.arrondi_final,
        if(
            calcul_flux.base_rotation like 'liberations_%' and not rotation_liberations.est_moyenne_3_ans,
            produit(calcul_flux.d, fraction(temps_ecoule.jours_annee, temps_ecoule.jours_ecoules)),
            calcul_flux.d
        ) as d
    from intermediaire.calcul_flux
    cross join intermediaire.temps_ecoule
    inner join intermediaire.rotation_liberations
        on calcul_flux.id_convention = rotation_liberations.id_convention
),

bruts as (
    select
        *,
        produit(fraction(c, 1), d) as e_exact
    from taux
),

bruts_arrondis as (
    select
        *,
        if(arrondi_etapes = 'unite', arrondi(e_exact, 0), e_exact) as e
    from bruts
),

nets as (
    select
        *,
        difference(e, f) as avant_g
    from bruts_arrondis
),

nets_exacts as (
    select
        *,
        positive(difference(avant_g, g)) as h_exact
    from nets
),

nets_arrondis as (
    select
        *,
        if(arrondi_etapes = 'unite', arrondi(h_exact, 0), h_exact) as h
    from nets_exacts
),

flux as (
    select
        *,
        produit(h, i) as j_exact
    from nets_arrondis
)

select
    id_convention,
    code_reservataire,
    nature_bilan,
    c,
    d,
    e,
    h,
    case arrondi_final
        when 'unite_demi_superieur' then arrondi(j_exact, 0)
        when 'unite_inferieur' then tronque(j_exact)
        when 'decimale_1' then arrondi(j_exact, 1)
        when 'decimale_2' then arrondi(j_exact, 2)
        else j_exact
    end as j
from flux
