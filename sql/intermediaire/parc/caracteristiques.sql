-- Caractéristiques de chaque logement qu'une table cite, ou livré dans l'exercice : RPLS N, à défaut N+1, à
-- défaut l'inventaire.
-- Grain : un logement.
-- Clé : id_logement
with

cites as (
    select id_logement from staging.liberations
    union
    select id_logement from staging.propositions
    union
    select id_logement from staging.attributions
),

-- les autres logements du parc ne sont comptés que par leur lieu et leurs modalités, dans logements_rpls
utiles as (
    select id_logement from cites
    union
    select id_logement from intermediaire.inventaire_logements
    union
    select id_logement from staging.exclusions
    union
    select id_logement from staging.sne
    union
    select logements_rpls.id_logement
    from intermediaire.logements_rpls
    inner join ref.exercice
        on logements_rpls.millesime = exercice.annee + 1 and logements_rpls.annee_location = exercice.annee
),

parc as (
    select
        logements_rpls.id_logement,
        logements_rpls.millesime = exercice.annee as est_de_l_exercice,
        logements_rpls.typologie,
        logements_rpls.financement,
        logements_rpls.qpv,
        logements_rpls.periode_construction,
        logements_rpls.accessibilite,
        logements_rpls.id_lieu,
        logements_rpls.typeconst,
        logements_rpls.programme
    from intermediaire.logements_rpls
    inner join ref.exercice on logements_rpls.millesime in (exercice.annee, exercice.annee + 1)
    semi join utiles on logements_rpls.id_logement = utiles.id_logement
),

du_parc as (
    select
        'rpls_n' as origine,
        *
    from parc
    where est_de_l_exercice
    union all
    select
        'rpls_n1' as origine,
        parc.*
    from parc
    anti join parc as actuels on parc.id_logement = actuels.id_logement and actuels.est_de_l_exercice
    where not parc.est_de_l_exercice
),

inventaire as (
    select
        inventaire_logements.id_logement,
        inventaire_logements.typologie,
        inventaire_logements.financement,
        inventaire_logements.qpv,
        lieux.id_lieu
    from intermediaire.inventaire_logements
    inner join intermediaire.lieux
        on
            inventaire_logements.code_commune is not distinct from lieux.code_commune_rpls
            and inventaire_logements.code_departement is not distinct from lieux.code_departement
            and inventaire_logements.code_epci is not distinct from lieux.code_epci_lu
    anti join parc on inventaire_logements.id_logement = parc.id_logement
),

reunies as (
    select
        id_logement,
        origine,
        typologie,
        financement,
        qpv,
        periode_construction,
        accessibilite,
        id_lieu,
        typeconst,
        programme
    from du_parc
    union all by name
    select
        id_logement,
        'inventaire' as origine,
        typologie,
        financement,
        qpv,
        id_lieu
    from inventaire
    union all by name
    select
        cites.id_logement,
        'aucune' as origine,
        lieux.id_lieu
    from cites
    inner join intermediaire.lieux
        on lieux.code_commune_rpls is null and lieux.code_departement is null and lieux.code_epci_lu is null
    anti join parc on cites.id_logement = parc.id_logement
    anti join inventaire on cites.id_logement = inventaire.id_logement
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
    lieux.code_commune_rpls,
    reunies.typeconst,
    reunies.programme
from reunies
inner join intermediaire.lieux on reunies.id_lieu = lieux.id_lieu
