-- Propositions faites aux réservataires : sans id_proposition, les lignes du même logement, du même réservataire
-- et du même jour sont une seule offre. Première location : celle qui est écrite, à défaut déduite.
-- Source : contrat, table `propositions` et « First letting ».
-- Grain : une proposition.
-- Clé : id_offre
with

reunies as (
    select
        *,
        1 as nb_lignes
    from staging.propositions
    where id_proposition is not null
    union all
    -- premiere_location : oui l'emporte sur non ; annulée si toutes le sont ; carence à sa première relance
    select
        * replace (
            bool_or(premiere_location) over offre as premiere_location,
            case
                when bool_or(issue = 'carence') over offre then 'carence'
                when bool_and(coalesce(issue, '') = 'annulation') over offre then 'annulation'
                else max(nullif(issue, 'annulation')) over offre
            end as issue,
            coalesce(
                min(date_relance) filter (where issue = 'carence') over offre, min(date_relance) over offre
            ) as date_relance
        ),
        count(*) over offre as nb_lignes
    from staging.propositions
    where id_proposition is null
    window offre as (partition by id_logement, code_reservataire, date_mise_a_disposition)
    qualify row_number() over (
        partition by id_logement, code_reservataire, date_mise_a_disposition order by id_ligne
    ) = 1
),

deduites as (
    select
        reunies.*,
        coalesce(
            reunies.premiere_location is null
            and logements_neufs.id_logement is not null
            and reunies.date_mise_a_disposition
            <= coalesce(logements_neufs.date_premier_bail, reunies.date_mise_a_disposition),
            false
        ) as est_premiere_deduite
    from reunies
    left join intermediaire.logements_neufs on reunies.id_logement = logements_neufs.id_logement
)

select
    id_ligne as id_offre,
    id_proposition,
    code_reservataire,
    id_logement,
    date_mise_a_disposition,
    premiere_location,
    est_premiere_deduite,
    coalesce(premiere_location, est_premiere_deduite) as est_premiere_location,
    coalesce(issue, '') = 'annulation' as est_annulee,
    date_limite_reponse,
    date_relance,
    nb_candidats,
    issue,
    operation,
    nb_lignes,
    fichier,
    feuille,
    ligne
from deduites
