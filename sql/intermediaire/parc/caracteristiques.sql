-- Caractéristiques de chaque logement du RPLS, de l'inventaire ou d'un événement : RPLS N, à défaut N+1, à
-- défaut l'inventaire.
-- Grain : un logement.
-- Clé : id_logement
with

rpls_par_rang as (
    select
        logements_rpls.id_logement,
        if(logements_rpls.millesime = exercice.annee, 1, 2) as rang,
        if(logements_rpls.millesime = exercice.annee, 'rpls_n', 'rpls_n1') as origine,
        logements_rpls.typologie,
        logements_rpls.financement,
        logements_rpls.qpv,
        logements_rpls.periode_construction,
        logements_rpls.accessibilite,
        logements_rpls.id_lieu
    from intermediaire.logements_rpls
    inner join ref.exercice on logements_rpls.millesime in (exercice.annee, exercice.annee + 1)
),

inventaire as (
    select
        inventaire_logements.id_logement,
        3 as rang,
        'inventaire' as origine,
        inventaire_logements.typologie,
        inventaire_logements.financement,
        inventaire_logements.qpv,
        null as periode_construction,
        null as accessibilite,
        lieux.id_lieu
    from intermediaire.inventaire_logements
    inner join intermediaire.lieux
        on
            inventaire_logements.code_commune is not distinct from lieux.code_commune_rpls
            and inventaire_logements.code_departement is not distinct from lieux.code_departement
            and inventaire_logements.code_epci is not distinct from lieux.code_epci_lu
),

cites as (
    select id_logement from staging.liberations
    union
    select id_logement from staging.propositions
    union
    select id_logement from staging.attributions
),

reunies as (
    select * from rpls_par_rang
    union all
    select * from inventaire
    union all
    select
        id_logement,
        4 as rang,
        'aucune' as origine,
        null as typologie,
        null as financement,
        null as qpv,
        null as periode_construction,
        null as accessibilite,
        lieux.id_lieu
    from cites
    inner join intermediaire.lieux
        on lieux.code_commune_rpls is null and lieux.code_departement is null and lieux.code_epci_lu is null
),

premiers as (
    select
        id_logement,
        min(rang) as rang
    from reunies
    group by id_logement
)

select
    reunies.id_logement,
    reunies.origine as origine_caracteristiques,
    reunies.id_lieu,
    coalesce(reunies.typologie, 'non_renseigne') as typologie,
    coalesce(reunies.financement, 'non_renseigne') as financement,
    coalesce(reunies.qpv, 'non_renseigne') as qpv,
    coalesce(lieux.code_commune, 'non_renseigne') as commune,
    coalesce(reunies.periode_construction, 'non_renseigne') as periode_construction,
    coalesce(lieux.code_epci, 'non_renseigne') as epci,
    coalesce(reunies.accessibilite, 'non_renseigne') as accessibilite,
    lieux.code_departement,
    lieux.code_commune_rpls
from premiers
inner join reunies on premiers.id_logement = reunies.id_logement and premiers.rang = reunies.rang
inner join intermediaire.lieux on reunies.id_lieu = lieux.id_lieu
