-- Objectif d'un réservataire en parties : ce qui le fait, ce qui a compté, les autres façons de compter, d'où viennent
-- les écarts, et les taux.
-- Source : [002] art. 6.1.
-- Grain : un réservataire et une ligne.
-- Clé : code_reservataire, ordre
with

objectifs as (
    select
        objectif_lignes.code_reservataire,
        case
            when objectif_lignes.ligne = entetes.evenement_decompte then null
            when objectif_lignes.ligne in ('mise_a_disposition', 'attribution', 'bail', 'bail_ou_refus')
                then 'Compté autrement, pour comparer'
            when objectif_lignes.ligne in ('flux_annonce', 'report_anterieur', 'objectif') then 'Objectif'
            when objectif_lignes.ligne in ('decompte', 'partenariat', 'ecart', 'taux_atteinte_pct') then 'Décompte'
            when objectif_lignes.ligne in ('flux_suivant', 'report_suivant', 'objectif_suivant') then 'Année suivante'
            else 'Écarts expliqués'
        end as partie,
        objectif_lignes.libelle,
        objectif_lignes.valeur,
        objectif_lignes.unite,
        objectif_lignes.explication,
        objectif_lignes.source,
        objectif_lignes.ordre
    from bilan.objectif_lignes
    inner join bilan.entetes on objectif_lignes.code_reservataire = entetes.code_reservataire
),

reunies as (
    select * from objectifs
    where partie is not null
    union all
    select
        taux.code_reservataire,
        'Taux' as partie,
        taux.libelle,
        taux.taux_pct as valeur,
        '%' as unite,
        taux.explication
        || coalesce(' : ' || ecrit(taux.numerateur) || ' ÷ ' || ecrit(taux.denominateur), '') as explication,
        taux.source,
        taux.ordre
    from bilan.taux
)

select
    code_reservataire,
    partie,
    libelle,
    valeur,
    unite,
    explication,
    source,
    row_number() over (
        partition by code_reservataire
        order by
            list_position(
                [
                    'Objectif',
                    'Décompte',
                    'Année suivante',
                    'Compté autrement, pour comparer',
                    'Écarts expliqués',
                    'Taux'
                ],
                partie
            ),
            ordre,
            libelle
    ) as ordre
from reunies
