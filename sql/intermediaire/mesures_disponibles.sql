-- Mesures que les tables fournies permettent de compter pour chaque bilan. Grain : un bilan et une mesure.
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
            when mesures.mesure <> 'decompte' then mesures.table_source
            when codes.evenement_decompte = 'mise_a_disposition' then 'propositions'
            else 'attributions'
        end as table_source
    from codes
    cross join ref.mesures
)

select
    sources.code_reservataire,
    sources.mesure
from sources
inner join ref.tables_fournies on sources.table_source = tables_fournies.table_metier and tables_fournies.est_fournie
where
    sources.mesure not in ('objectif', 'taux_atteinte_pct')
    and (sources.mesure <> 'partenariat' or sources.type_reservataire = 'action_logement')
    and (sources.mesure <> 'decompte' or sources.nature_bilan <> 'epci')
