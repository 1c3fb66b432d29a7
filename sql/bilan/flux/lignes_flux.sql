-- Lignes a à j de l'annexe N+1 de chaque bilan, en nombres décimaux ; puis le report et l'objectif
-- annoncé ; une ligne sans valeur est « non fourni ».
-- Grain : un bilan et une ligne.
-- Clé : code_reservataire, ligne
with

etats as (
    select
        perimetres_lieux.usage,
        perimetres_lieux.code_reservataire,
        perimetres_lieux.profil,
        perimetres_lieux.id_lieu
    from intermediaire.perimetres_lieux
    where perimetres_lieux.usage = 'annexe'
),

exclus as (
    select
        profil,
        id_lieu,
        motif_exclusion,
        count(*) as nb_exclus
    from intermediaire.exclusions_retenues
    where usage = 'annexe'
    group by profil, id_lieu, motif_exclusion
),

detail_exclusions as (
    select
        etats.code_reservataire,
        'b.' || exclus.motif_exclusion as ligne,
        200 + motifs_exclusion.ordre as ordre,
        motifs_exclusion.libelle,
        'logements' as unite,
        motifs_exclusion.source as explication,
        cast(sum(exclus.nb_exclus) as decimal(38, 6)) as valeur,
        cast(sum(exclus.nb_exclus) as decimal(38, 6)) as valeur_exacte
    from etats
    inner join exclus on etats.profil = exclus.profil and etats.id_lieu = exclus.id_lieu
    inner join ref.motifs_exclusion on exclus.motif_exclusion = motifs_exclusion.motif_exclusion
    group by
        etats.code_reservataire, exclus.motif_exclusion, motifs_exclusion.ordre, motifs_exclusion.libelle,
        motifs_exclusion.source
),

detail_soustractions as (
    select
        soustractions.code_reservataire,
        categories.ligne,
        500 + 100 + categories.ordre as ordre,
        categories.libelle,
        'logements' as unite,
        'prévision N+1' as explication,
        if(tables_fournies.est_fournie, en_decimal(sum(soustractions.valeur)), null) as valeur,
        if(tables_fournies.est_fournie, en_decimal(sum(soustractions.valeur)), null) as valeur_exacte
    from intermediaire.soustractions
    inner join ref.categories on soustractions.categorie = categories.categorie and soustractions.usage = 'annexe'
    inner join ref.tables_fournies on tables_fournies.table_metier = 'previsions'
    group by
        soustractions.code_reservataire, categories.ligne, categories.ordre, categories.libelle,
        tables_fournies.est_fournie
),

sommes as (
    select
        code_reservataire,
        min(nature_bilan) as nature_bilan,
        cast(sum(a) as decimal(38, 6)) as a,
        cast(sum(c) as decimal(38, 6)) as c,
        case
            when count(d) < count(*) then null
            when count(*) = 1 then en_decimal(min(d) * 100)
            else quotient_pct(sum(e), sum(c))
        end as d,
        if(count(e) = count(*), en_decimal(sum(e)), null) as e,
        if(count(e) = count(*), en_decimal(sum(e_exact)), null) as e_exact,
        if(count(f) = count(*), en_decimal(sum(f)), null) as f,
        if(count(g) = count(*), en_decimal(sum(g)), null) as g,
        if(count(h) = count(*), en_decimal(sum(h)), null) as h,
        if(count(h) = count(*), en_decimal(sum(h_exact)), null) as h_exact,
        case
            when count(*) = 1 then en_decimal(min(i) * 100)
            when count(j) = count(*) then quotient_pct(sum(j), sum(h))
        end as i,
        if(count(j) = count(*), en_decimal(sum(j)), null) as j,
        if(count(j) = count(*), en_decimal(sum(j_exact)), null) as j_exact
    from intermediaire.calcul_flux
    where usage = 'annexe'
    group by code_reservataire
),

reports as (
    select
        ecart_objectif.code_reservataire,
        if(exercice.est_provisoire, null, ecart_objectif.report) as report
    from intermediaire.ecart_objectif
    cross join ref.exercice
),

annonces as (
    select
        sommes.*,
        reports.report,
        positif(sommes.j + coalesce(reports.report, 0)) as objectif
    from sommes
    left join reports on sommes.code_reservataire = reports.code_reservataire
),

colonnes as (
    select
        code_reservataire,
        nature_bilan,
        unnest(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'report', 'objectif']) as ligne,
        unnest([
            a,
            a - c,
            c,
            d,
            e,
            f,
            g,
            h,
            i,
            j,
            report,
            en_decimal(objectif)
        ]) as valeur,
        unnest([
            a,
            a - c,
            c,
            d,
            e_exact,
            f,
            g,
            h_exact,
            i,
            j_exact,
            report,
            en_decimal(objectif)
        ]) as valeur_exacte
    from annonces
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
    where colonnes.nature_bilan = 'reservataire' or colonnes.ligne not in ('i', 'j', 'report', 'objectif')
),

-- défense, sécurité intérieure, santé : ni objectif, ni annexe
hors_flux as (
    select conventions.code_reservataire
    from intermediaire.conventions
    inner join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
    where types_reservataire.sans_objectif = 'oui' and conventions.numero = 1
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
anti join hors_flux on reunies.code_reservataire = hors_flux.code_reservataire
