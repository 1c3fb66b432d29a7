-- Programme neuf de chaque logement loué pour la première fois : l'opération que sa proposition nomme, à défaut le
-- programme du RPLS, à défaut la seule opération livrée de la commune.
-- Source : [002] art. 6.2, [001] art. 7.
-- Grain : un logement en première location, proposé, attribué ou loué.
-- Clé : id_logement
with

operations as (
    select
        nom_operation,
        code_insee,
        min(operation) as operation,
        max(date_livraison) as date_livraison,
        bool_or(est_livree) as est_livree
    from intermediaire.programmes_suivis
    group by nom_operation, code_insee
),

seules as (
    select
        code_insee,
        min(nom_operation) as nom_operation
    from operations
    where est_livree and code_insee is not null
    group by code_insee
    having count(*) = 1
),

nommees as (
    select
        id_logement,
        operation
    from intermediaire.offres
    where est_premiere_location and not est_annulee and operation is not null
    qualify row_number() over (partition by id_logement order by date_mise_a_disposition, id_offre) = 1
),

concernes as (
    select id_logement from intermediaire.offres
    where est_premiere_location and not est_annulee
    union
    select id_logement from intermediaire.candidatures
    where est_attribue_droit_commun and (est_premiere_location or est_premier_bail)
),

premieres as (
    select
        concernes.id_logement,
        nommees.operation,
        nom_normalise(nommees.operation) as nom_operation,
        caracteristiques.programme,
        nom_normalise(caracteristiques.programme) as nom_programme,
        nullif(caracteristiques.commune, 'non_renseigne') as code_commune,
        seules.nom_operation as nom_operation_seule
    from concernes
    left join nommees on concernes.id_logement = nommees.id_logement
    inner join intermediaire.caracteristiques on concernes.id_logement = caracteristiques.id_logement
    left join seules on caracteristiques.commune = seules.code_insee
),

rapprochees as (
    select
        premieres.id_logement,
        1 as rang,
        operations.*
    from premieres
    inner join operations on premieres.nom_operation = operations.nom_operation
    union all
    select
        premieres.id_logement,
        2 as rang,
        operations.*
    from premieres
    inner join operations on premieres.nom_programme = operations.nom_operation
    where coalesce(premieres.code_commune = operations.code_insee, true)
    union all
    select
        premieres.id_logement,
        3 as rang,
        operations.*
    from premieres
    inner join operations
        on premieres.code_commune = operations.code_insee and premieres.nom_operation_seule = operations.nom_operation
),

retenues as (
    select *
    from rapprochees
    qualify row_number() over (partition by id_logement order by rang, operation, code_insee) = 1
)

select
    premieres.id_logement,
    coalesce(retenues.operation, premieres.operation, premieres.programme, 'Programme non reconnu') as operation,
    retenues.date_livraison as date_service
from premieres
left join retenues on premieres.id_logement = retenues.id_logement
