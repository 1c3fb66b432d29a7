-- Description en clair de chaque logement du RPLS, sorties comprises : millésime N, à défaut N+1, à défaut
-- celui de l'état précédent.
-- Grain : un logement.
-- Clé : id_logement
-- Forme : vue
with

epcis as (
    select
        code_epci,
        min(libelle_epci) as libelle_epci
    from ref.communes
    where code_epci is not null
    group by code_epci
),

-- gardés, deux millésimes tiendraient plus de mémoire que tout le calcul
utiles as not materialized (
    select
        logements_rpls.*,
        logements_rpls.millesime = exercice.annee as est_de_l_exercice
    from intermediaire.logements_rpls
    cross join ref.exercice
    where logements_rpls.millesime in (select millesimes.millesime from intermediaire.millesimes)
),

de_l_exercice as not materialized (
    select *
    from utiles
    where est_de_l_exercice
),

autres as (
    select utiles.*
    from utiles
    anti join de_l_exercice on utiles.id_logement = de_l_exercice.id_logement
    where not utiles.est_de_l_exercice
),

decrits as (
    select *
    from de_l_exercice
    union all
    select *
    from autres
    qualify row_number() over (partition by id_logement order by millesime desc) = 1
)

select
    decrits.id_logement,
    decrits.millesime,
    rpls.ident_rep,
    rpls.ident_interne,
    decrits.programme,
    lieux.code_commune,
    departements.libelle_departement,
    epcis.libelle_epci,
    communes.libelle_commune,
    case decrits.qpv when 'en_qpv' then 'Oui' when 'hors_qpv' then 'Non' end as libelle_qpv,
    nullif(decrits.typologie, 'non_renseigne') as libelle_typologie,
    split_part(financements.libelle, ' (', 1) as libelle_financement,
    case decrits.typeconst when 'C' then 'Collectif' when 'I' then 'Individuel' when 'E' then 'Étudiant' end
        as libelle_construction
from decrits
inner join staging.rpls on decrits.millesime = rpls.millesime and decrits.id_logement = rpls.id_logement
inner join intermediaire.lieux on decrits.id_lieu = lieux.id_lieu
left join ref.communes on lieux.code_commune = communes.code_commune
left join ref.departements on lieux.code_departement = departements.code_departement
left join epcis on lieux.code_epci = epcis.code_epci
left join ref.codes_rpls as financements on decrits.finan = financements.code and financements.dimension = 'financement'
