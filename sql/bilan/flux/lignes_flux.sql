-- Lignes a à j de l'annexe N+1 de chaque bilan, en nombres décimaux ; une ligne sans valeur est « non fourni ».
-- Grain : un bilan et une ligne.
-- Clé : code_reservataire, ligne
with

detail_exclusions as (
    select
        perimetres.code_reservataire,
        'b.' || perimetres.motif_exclusion as ligne,
        200 + motifs_exclusion.ordre as ordre,
        motifs_exclusion.libelle,
        'logements' as unite,
        motifs_exclusion.source as explication,
        cast(count(*) as decimal(38, 6)) as valeur,
        cast(count(*) as decimal(38, 6)) as valeur_exacte
    from intermediaire.perimetres
    inner join intermediaire.millesimes on perimetres.millesime = millesimes.millesime and millesimes.usage = 'annexe'
    inner join ref.motifs_exclusion using (motif_exclusion)
    group by all
),

detail_soustractions as (
    select
        bilans.code_reservataire,
        categories.ligne,
        500 + 100 + categories.ordre as ordre,
        categories.libelle,
        'logements' as unite,
        'prévision N+1' as explication,
        if(any_value(tables_fournies.est_fournie), sum(en_decimal(soustractions.valeur)), null) as valeur,
        if(any_value(tables_fournies.est_fournie), sum(en_decimal(soustractions.valeur)), null) as valeur_exacte
    from intermediaire.soustractions
    inner join ref.categories on soustractions.categorie = categories.categorie and soustractions.usage = 'annexe'
    inner join intermediaire.bilans using (id_convention)
    inner join ref.tables_fournies on tables_fournies.table_metier = 'previsions'
    group by bilans.code_reservataire, categories.ligne, categories.ordre, categories.libelle
),

sommes as (
    select
        code_reservataire,
        any_value(nature_bilan) as nature_bilan,
        cast(sum(a) as decimal(38, 6)) as a,
        cast(sum(c) as decimal(38, 6)) as c,
        if(
            count(*) = 1,
            any_value(d),
            if(count(e) = count(*), quotient_ou_zero(sum(en_milliardiemes(e)), 1000000000 * sum(c)), null)
        ) as d,
        if(
            count(*) = 1,
            any_value(i),
            if(count(j) = count(*), quotient_ou_zero(sum(en_milliardiemes(j)), sum(en_milliardiemes(h))), null)
        ) as i,
        if(count(e) = count(*), sum(en_decimal(e)), null) as e,
        if(count(e) = count(*), sum(en_decimal(e_exact)), null) as e_exact,
        if(count(f) = count(*), sum(en_decimal(f)), null) as f,
        if(count(g) = count(*), sum(en_decimal(g)), null) as g,
        if(count(h) = count(*), sum(en_decimal(h)), null) as h,
        if(count(h) = count(*), sum(en_decimal(h_exact)), null) as h_exact,
        if(count(j) = count(*), sum(en_decimal(j)), null) as j,
        if(count(j) = count(*), sum(en_decimal(j_exact)), null) as j_exact
    from intermediaire.calcul_flux
    group by code_reservataire
),

colonnes as (
    select
        code_reservataire,
        nature_bilan,
        unnest(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) as ligne,
        unnest([
            a,
            a - c,
            c,
            en_decimal(produit(d, fraction(100, 1))),
            e,
            f,
            g,
            h,
            en_decimal(produit(i, fraction(100, 1))),
            j
        ]) as valeur,
        unnest([
            a,
            a - c,
            c,
            en_decimal(produit(d, fraction(100, 1))),
            e_exact,
            f,
            g,
            h_exact,
            en_decimal(produit(i, fraction(100, 1))),
            j_exact
        ]) as valeur_exacte
    from sommes
),

principales as (
    select
        colonnes.code_reservataire,
        colonnes.ligne,
        lignes_flux.ordre,
        lignes_flux.libelle,
        lignes_flux.unite,
        lignes_flux.explication,
        colonnes.valeur,
        colonnes.valeur_exacte
    from colonnes
    inner join ref.lignes_flux on colonnes.ligne = lignes_flux.ligne
    where colonnes.nature_bilan = 'reservataire' or colonnes.ligne not in ('i', 'j')
),

reunies as (
    select * from principales
    union all
    select * from detail_exclusions
    union all
    select * from detail_soustractions
)

select
    exercice.annee + 1 as annee,
    reunies.code_reservataire,
    reunies.ligne,
    reunies.libelle,
    reunies.valeur,
    reunies.valeur_exacte,
    reunies.unite,
    reunies.explication,
    reunies.ordre
from reunies
cross join ref.exercice
