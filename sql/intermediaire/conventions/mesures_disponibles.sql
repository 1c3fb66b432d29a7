-- Mesures que les tables fournies permettent de compter pour chaque bilan.
-- Grain : un bilan et une mesure.
-- Clé : code_reservataire, mesure
with

codes as (
    select distinct
        code_reservataire,
        nature_bilan
    from intermediaire.bilans
),

-- une convention qui compte autrement dans l'année demande aussi ses tables
regles as (
    select
        conventions_datees.code_reservataire,
        bool_or(conventions_datees.type_reservataire = 'action_logement') as est_als,
        bool_and(types_reservataire.sans_objectif = 'oui') as est_sans_objectif,
        bool_or(conventions_datees.evenement_decompte in ('mise_a_disposition', 'bail_ou_refus')) as lit_propositions,
        bool_or(conventions_datees.evenement_decompte <> 'mise_a_disposition') as lit_attributions
    from intermediaire.conventions_datees
    left join ref.types_reservataire on conventions_datees.type_reservataire = types_reservataire.type_reservataire
    group by conventions_datees.code_reservataire
),

sources as (
    select
        codes.code_reservataire,
        codes.nature_bilan,
        mesures.mesure,
        coalesce(regles.est_als, false) as est_als,
        coalesce(regles.est_sans_objectif, false) as est_sans_objectif,
        if(
            mesures.mesure = 'decompte',
            list_concat(
                if(coalesce(regles.lit_propositions, true), ['propositions'], []),
                if(coalesce(regles.lit_attributions, true), ['attributions'], [])
            ),
            [mesures.table_source]
        ) as tables_sources
    from codes
    cross join ref.mesures
    left join regles on codes.code_reservataire = regles.code_reservataire
),

fournies as (
    select list(table_metier) as tables_metier
    from ref.tables_fournies
    where est_fournie
)

select
    sources.code_reservataire,
    sources.mesure
from sources
inner join fournies on list_has_all(fournies.tables_metier, sources.tables_sources)
where
    sources.mesure not in ('objectif', 'taux_atteinte_pct')
    and (sources.mesure <> 'partenariat' or sources.est_als)
    and (
        sources.mesure <> 'decompte'
        or sources.nature_bilan = 'bailleur'
        or (sources.nature_bilan = 'reservataire' and not sources.est_sans_objectif)
    )
