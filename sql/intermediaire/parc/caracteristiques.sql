-- Caractéristiques de chaque logement du RPLS, de l'inventaire ou d'un événement : RPLS N, à défaut N+1, à
-- défaut l'inventaire.
-- Grain : un logement.
-- Clé : id_logement
with

rpls_par_rang as (
    select
        rpls.id_logement,
        if(rpls.millesime = exercice.annee, 1, 2) as rang,
        if(rpls.millesime = exercice.annee, 'rpls_n', 'rpls_n1') as origine,
        typologies.modalite as typologie,
        financements.modalite as financement,
        qpvs.modalite as qpv,
        localisation.code_commune as commune,
        periodes_construction.periode_construction,
        localisation.code_epci as epci,
        accessibilites.modalite as accessibilite,
        localisation.code_departement,
        localisation.code_commune_rpls
    from staging.rpls
    inner join
        intermediaire.localisation
        on rpls.millesime = localisation.millesime and rpls.id_logement = localisation.id_logement
    inner join ref.exercice on rpls.millesime in (exercice.annee, exercice.annee + 1)
    left join ref.codes_rpls as typologies on rpls.nbpiece = typologies.code and typologies.dimension = 'typologie'
    left join
        ref.codes_rpls as financements
        on rpls.finan = financements.code and financements.dimension = 'financement'
    left join ref.codes_rpls as qpvs on rpls.qpv = qpvs.code and qpvs.dimension = 'qpv'
    left join ref.codes_rpls as accessibilites
        on rpls.pmr = accessibilites.code and accessibilites.dimension = 'accessibilite'
    left join ref.periodes_construction
        on rpls.annee_construction between periodes_construction.annee_min and periodes_construction.annee_max
),

inventaire as (
    select
        droits.id_logement,
        3 as rang,
        'inventaire' as origine,
        any_value(typologies.modalite) as typologie,
        any_value(financements.modalite) as financement,
        max(if(droits.en_qpv = 'true', 'en_qpv', if(droits.en_qpv = 'false', 'hors_qpv', null))) as qpv,
        min(coalesce(codes.code_commune, noms.code_commune)) as commune,
        null as periode_construction,
        min(coalesce(codes.code_epci, noms.code_epci)) as epci,
        null as accessibilite,
        min(coalesce(codes.code_departement, noms.code_departement)) as code_departement,
        min(coalesce(codes.code_commune, noms.code_commune)) as code_commune_rpls
    from staging.droits
    left join ref.libelles_inventaire as typologies
        on nom_normalise(droits.typologie) = typologies.libelle and typologies.dimension = 'typologie'
    left join ref.libelles_inventaire as financements
        on nom_normalise(droits.financement) = financements.libelle and financements.dimension = 'financement'
    left join ref.communes as codes on droits.commune = codes.code_commune
    left join intermediaire.communes_par_nom as noms
        on
            nom_normalise(droits.commune) = noms.nom
            and nom_normalise(droits.departement) in (noms.nom_departement, lower(noms.code_departement))
    where droits.id_logement is not null
    group by droits.id_logement
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
        null as commune,
        null as periode_construction,
        null as epci,
        null as accessibilite,
        null as code_departement,
        null as code_commune_rpls
    from cites
),

retenues as (
    select
        *,
        row_number() over (partition by id_logement order by rang) as numero
    from reunies
)

select
    id_logement,
    origine as origine_caracteristiques,
    coalesce(typologie, 'non_renseigne') as typologie,
    coalesce(financement, 'non_renseigne') as financement,
    coalesce(qpv, 'non_renseigne') as qpv,
    coalesce(commune, 'non_renseigne') as commune,
    coalesce(periode_construction, 'non_renseigne') as periode_construction,
    coalesce(epci, 'non_renseigne') as epci,
    coalesce(accessibilite, 'non_renseigne') as accessibilite,
    code_departement,
    code_commune_rpls
from retenues
where numero = 1
