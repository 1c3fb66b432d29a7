-- Point d'étape : ce qui est fait à la date d'arrêté, et sa projection au 31 décembre, au prorata des jours
-- écoulés, par catégorie de soustraction ; vide quand l'exercice est complet.
-- Source : [001] art. 8, [003] art. 4 a.
-- Grain : un bilan et une ligne.
-- Clé : code_reservataire, ligne
with

mesurees as (
    select
        mesures.code_reservataire,
        mesures.mesure as ligne,
        mesures.nombre
    from bilan.mesures
    where mesures.dimension = 'total'
    union all
    select
        entetes.code_reservataire,
        'hors_flux' as ligne,
        count(hors_flux.categorie) as nombre
    from bilan.entetes
    inner join ref.tables_fournies on tables_fournies.table_metier = 'attributions' and tables_fournies.est_fournie
    left join intermediaire.hors_flux on entetes.code_reservataire = hors_flux.code_reservataire
    group by entetes.code_reservataire
    union all
    select
        entetes.code_reservataire,
        categories.categorie as ligne,
        count(hors_flux.categorie) as nombre
    from bilan.entetes
    cross join ref.categories
    inner join ref.tables_fournies on tables_fournies.table_metier = 'attributions' and tables_fournies.est_fournie
    left join intermediaire.hors_flux
        on entetes.code_reservataire = hors_flux.code_reservataire and categories.categorie = hors_flux.categorie
    group by entetes.code_reservataire, categories.categorie
),

-- les premières locations ne suivent pas un rythme : ce qui reste à livrer d'ici la fin de l'année, d'après les programmes
a_livrer as (
    select
        codes.code_bilan as code_reservataire,
        sum(programmes.flux_reserve) as nombre
    from intermediaire.programmes_suivis as programmes
    cross join unnest(programmes.codes_bilan) as codes (code_bilan)
    cross join ref.exercice
    where
        not programmes.est_livree
        and not programmes.est_abandonnee
        and coalesce(programmes.date_livraison, programmes.date_livraison_prevue)
        between exercice.date_fin + interval 1 day and make_date(exercice.annee, 12, 31)
    group by codes.code_bilan
),

prorata as (
    select
        mesurees.code_reservataire,
        mesurees.ligne,
        mesurees.nombre as realise,
        if(
            mesurees.ligne = 'premieres_locations',
            if(
                tables_fournies.est_fournie,
                cast(mesurees.nombre + coalesce(a_livrer.nombre, 0) as decimal(38, 18)),
                null
            ),
            part_de(mesurees.nombre, temps_ecoule.jours_annee, temps_ecoule.jours_ecoules)
        ) as projection,
        if(mesurees.ligne = 'decompte', objectif_reservataire.objectif, null) as objectif
    from mesurees
    cross join intermediaire.temps_ecoule
    inner join ref.tables_fournies on tables_fournies.table_metier = 'programmes_neufs'
    left join a_livrer on mesurees.code_reservataire = a_livrer.code_reservataire
    left join intermediaire.objectif_reservataire
        on mesurees.code_reservataire = objectif_reservataire.code_reservataire
),

comptes as (
    select
        code_reservataire,
        ligne,
        realise,
        en_decimal(projection) as projection,
        objectif
    from prorata
),

sommes as (
    select
        code_reservataire,
        nature_bilan,
        sum(c) as c,
        if(count(e) = count(*), sum(e), null) as e,
        if(count(h) = count(*), sum(h), null) as h,
        if(count(j) = count(*), sum(j), null) as j
    from intermediaire.flux_projete
    group by code_reservataire, nature_bilan
),

flux as (
    select
        code_reservataire,
        unnest(['d', 'e', 'h', 'j']) as ligne,
        unnest([
            quotient_pct(e, c), en_decimal(e), en_decimal(h), if(nature_bilan = 'reservataire', en_decimal(j), null)
        ]) as projection
    from sommes
),

reunis as (
    select * from comptes
    union all
    select
        lignes_flux.code_reservataire,
        lignes_flux.ligne,
        lignes_flux.valeur as realise,
        flux.projection,
        null as objectif
    from bilan.lignes_flux
    inner join flux
        on lignes_flux.code_reservataire = flux.code_reservataire and lignes_flux.ligne = flux.ligne
)

select
    reunis.code_reservataire,
    reunis.ligne,
    projections.ordre,
    projections.libelle,
    projections.unite,
    reunis.realise,
    reunis.projection,
    reunis.objectif,
    reunis.projection - reunis.objectif as ecart_projete,
    case
        when reunis.ligne = 'premieres_locations'
            then 'Projection : réalisé + logements réservés à livrer avant le 31 décembre (programmes_neufs)'
        else
            'Projection : réalisé × ' || temps_ecoule.jours_annee || ' ÷ ' || temps_ecoule.jours_ecoules
            || ' jours, au même rythme'
    end as methode
from reunis
cross join intermediaire.temps_ecoule
inner join ref.projections on reunis.ligne = projections.ligne
