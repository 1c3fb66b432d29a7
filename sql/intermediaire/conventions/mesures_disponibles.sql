-- Mesures que les tables fournies permettent de compter pour chaque bilan.
-- Grain : un bilan et une mesure.
-- Clé : code_reservataire, mesure
with

codes as (
    select
        bilans.code_reservataire,
        any_value(bilans.nature_bilan) as nature_bilan,
        any_value(conventions.type_reservataire) as type_reservataire,
        any_value(conventions.evenement_decompte) as evenement_decompte
    from intermediaire.bilans
    left join intermediaire.conventions on bilans.id_convention = conventions.id_convention and conventions.numero = 1
    group by bilans.code_reservataire
),

sources as (
    select
        codes.code_reservataire,
        codes.nature_bilan,
        codes.type_reservataire,
        mesures.mesure,
        case
            when mesures.mesure <> 'decompte' then [mesures.table_source]
            when codes.evenement_decompte = 'mise_a_disposition' then ['propositions']
            when codes.evenement_decompte in ('attribution', 'bail') then ['attributions']
            else ['attributions', 'propositions']
        end as tables_sources
    from codes
    cross join ref.mesures
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
left join ref.types_reservataire on sources.type_reservataire = types_reservataire.type_reservataire
inner join fournies on list_has_all(fournies.tables_metier, sources.tables_sources)
where
    sources.mesure not in ('objectif', 'taux_atteinte_pct')
    and (sources.mesure <> 'partenariat' or sources.type_reservataire = 'action_logement')
    and (
        sources.mesure <> 'decompte'
        or sources.nature_bilan = 'bailleur'
        or (sources.nature_bilan = 'reservataire' and types_reservataire.sans_objectif = 'non')
    )
