-- Soustractions prévues pour l'exercice et réalisées, et ce que leur surévaluation rendrait au réservataire.
-- Source : [002] art. 6.1.
-- Grain : un bilan et une catégorie.
-- Clé : code_reservataire, categorie
with

fournies as (
    select
        bool_or(previsions.annee = exercice.annee) as sont_prevues,
        bool_or(tables_fournies.est_fournie) as attributions_fournies
    from ref.exercice
    inner join ref.tables_fournies on tables_fournies.table_metier = 'attributions'
    left join staging.previsions on exercice.annee = previsions.annee
),

prevues as (
    select
        soustractions.code_reservataire,
        soustractions.categorie,
        sum(soustractions.valeur) as valeur
    from intermediaire.soustractions
    inner join ref.categories on soustractions.categorie = categories.categorie
    where soustractions.usage = 'bilan'
    group by soustractions.code_reservataire, soustractions.categorie
),

realisees as (
    select
        code_reservataire,
        categorie,
        count(*) as nombre
    from intermediaire.hors_flux
    group by code_reservataire, categorie
),

par_categorie as (
    select
        prevues.code_reservataire,
        prevues.categorie,
        categories.libelle,
        categories.ordre,
        if(coalesce(fournies.sont_prevues, false), prevues.valeur, null) as prevu,
        if(fournies.attributions_fournies, coalesce(realisees.nombre, 0), null) as realise
    from prevues
    cross join fournies
    inner join ref.categories on prevues.categorie = categories.categorie
    left join realisees
        on prevues.code_reservataire = realisees.code_reservataire and prevues.categorie = realisees.categorie
),

avec_total as (
    select * from par_categorie
    union all
    select
        code_reservataire,
        'total' as categorie,
        'Toutes les soustractions' as libelle,
        99 as ordre,
        sum(prevu) as prevu,
        sum(realise) as realise
    from par_categorie
    group by code_reservataire
),

ecarts as (
    select
        avec_total.*,
        avec_total.prevu - avec_total.realise as ecart,
        if(exercice.est_provisoire, null, produit(ecart, part_reservataire.part)) as effet
    from avec_total
    cross join ref.exercice
    left join intermediaire.part_reservataire on avec_total.code_reservataire = part_reservataire.code_reservataire
)

select
    code_reservataire,
    categorie,
    libelle,
    ordre,
    en_decimal(prevu) as prevu,
    realise,
    en_decimal(ecart) as ecart_soustraction,
    en_decimal(effet) as effet_reservataire,
    en_decimal(positif(effet)) as a_redistribuer
from ecarts
