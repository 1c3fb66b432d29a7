-- Premières locations rattachées à leur programme : l'opération nommée, à défaut le programme du RPLS, à défaut
-- la seule opération livrée de la commune.
-- Grain : une proposition.
-- Clé : fichier, feuille, ligne
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
        any_value(nom_operation) as nom_operation
    from operations
    where est_livree and code_insee is not null
    group by code_insee
    having count(*) = 1
),

premieres as (
    select
        propositions.*,
        logements_decrits.programme,
        logements_decrits.code_commune,
        seules.nom_operation as nom_operation_seule
    from staging.propositions
    left join intermediaire.logements_decrits on propositions.id_logement = logements_decrits.id_logement
    left join seules on logements_decrits.code_commune = seules.code_insee
    where propositions.est_premiere_location and coalesce(propositions.issue, '') <> 'annulation'
),

rapprochees as (
    select
        premieres.*,
        operations.operation as operation_connue,
        operations.date_livraison,
        row_number() over (
            partition by premieres.fichier, premieres.feuille, premieres.ligne
            order by
                operations.nom_operation = nom_normalise(premieres.operation) desc nulls last,
                operations.nom_operation = nom_normalise(premieres.programme) desc nulls last,
                operations.operation asc,
                operations.code_insee asc
        ) as numero
    from premieres
    left join operations
        on
            nom_normalise(premieres.operation) = operations.nom_operation
            or (
                coalesce(premieres.code_commune = operations.code_insee, true)
                and operations.nom_operation in (nom_normalise(premieres.programme), premieres.nom_operation_seule)
            )
)

select
    id_proposition,
    code_reservataire,
    id_logement,
    date_mise_a_disposition,
    coalesce(operation_connue, operation, programme, 'Programme non reconnu') as operation,
    date_livraison as date_service,
    fichier,
    feuille,
    ligne
from rapprochees
where numero = 1
