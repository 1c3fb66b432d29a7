-- Objectif d'un réservataire en parties : ce qui le fait, ce qui a compté, les autres façons de compter, d'où viennent
-- les écarts, les taux de l'année et de la précédente, les quotas et plafonds de la loi.
-- Une ligne qui suit des autres a sa formule ({ligne} : la case de cette ligne), si elle redonne la valeur publiée.
-- Source : [002] art. 6.1, CCH L.441-1 et R.441-5-3.
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
        objectif_lignes.ligne,
        objectif_lignes.libelle,
        null as precedent,
        objectif_lignes.valeur,
        objectif_lignes.unite,
        objectif_lignes.explication,
        objectif_lignes.source,
        objectif_lignes.ordre
    from bilan.objectif_lignes
    inner join bilan.entetes on objectif_lignes.code_reservataire = entetes.code_reservataire
),

valeurs as (
    select
        code_reservataire,
        any_value(cast(valeur as double)) filter (where ligne = 'flux_annonce') as flux_annonce,
        any_value(cast(valeur as double)) filter (where ligne = 'report_anterieur') as report_anterieur,
        any_value(cast(valeur as double)) filter (where ligne = 'objectif') as objectif,
        any_value(cast(valeur as double)) filter (where ligne = 'decompte') as decompte,
        any_value(cast(valeur as double)) filter (where ligne = 'flux_suivant') as flux_suivant,
        any_value(cast(valeur as double)) filter (where ligne = 'report_suivant') as report_suivant
    from bilan.objectif_lignes
    group by code_reservataire
),

formules as (
    select
        code_reservataire,
        unnest(['objectif', 'ecart', 'taux_atteinte_pct', 'report_suivant', 'objectif_suivant']) as ligne,
        unnest([
            '{flux_annonce}+{report_anterieur}',
            '{decompte}-{objectif}',
            'ROUND({decompte}/{objectif}*100,6)',
            '{objectif}-{decompte}',
            'MAX(0,{flux_suivant}+{report_suivant})'
        ]) as formule,
        unnest([
            flux_annonce + report_anterieur,
            decompte - objectif,
            if(objectif > 0, decompte / objectif * 100, null),
            objectif - decompte,
            greatest(0, flux_suivant + report_suivant)
        ]) as resultat
    from valeurs
),

-- les obligations d'un réservataire ; celles du bailleur sont dans son classeur
regles as (
    select
        quotas.code_reservataire,
        quotas.quota || coalesce(' ' || quotas.contingent, '') || ' ' || quotas.portee as ligne,
        quotas.libelle,
        quotas.part_pct as valeur,
        ecrit(quotas.conformes) || ' sur ' || ecrit(quotas.total) || ', pour ' || ecrit(quotas.seuil_pct)
        || ' % au moins. ' || quotas.conclusion as explication,
        quotas.source,
        quotas.ordre
    from bilan.quotas
    inner join bilan.entetes on quotas.code_reservataire = entetes.code_reservataire
    inner join ref.types_reservataire on entetes.type_reservataire = types_reservataire.type_reservataire
    where types_reservataire.famille <> 'autre' and (quotas.total > 0 or quotas.non_localises > 0)
    union all
    select
        code_reservataire,
        quota || ' ' || echelle || ' ' || coalesce(code_territoire, '') as ligne,
        libelle,
        part_pct as valeur,
        'pour ' || ecrit(seuil_pct) || ' % au plus. ' || conclusion as explication,
        source,
        1000 + ordre as ordre
    from bilan.plafonds
),

reunies as (
    select * from objectifs
    where partie is not null
    union all
    select
        taux.code_reservataire,
        'Taux' as partie,
        taux.taux as ligne,
        taux.libelle,
        taux.taux_precedent_pct as precedent,
        taux.taux_pct as valeur,
        '%' as unite,
        taux.explication
        || coalesce(' : ' || ecrit(taux.numerateur) || ' ÷ ' || ecrit(taux.denominateur), '') as explication,
        taux.source,
        taux.ordre
    from bilan.taux
    union all
    select
        regles.code_reservataire,
        'Quotas et plafonds' as partie,
        regles.ligne,
        regles.libelle,
        null as precedent,
        regles.valeur,
        '%' as unite,
        regles.explication,
        regles.source,
        regles.ordre
    from regles
    union all
    select
        code_reservataire,
        'Quotas et plafonds' as partie,
        'nb_prioritaires_attendus' as ligne,
        'Ménages prioritaires attendus l''année suivante' as libelle,
        null as precedent,
        cast(nb_prioritaires_attendus as decimal(38, 6)) as valeur,
        'logements' as unite,
        ecrit(seuil_pct) || ' % de ' || ecrit(flux_suivant) || ', soit ' || ecrit(objectif_prioritaires)
        || ', au logement entier' as explication,
        source,
        2000 as ordre
    from bilan.objectifs_prioritaires
    where code_titulaire = code_reservataire
)

select
    reunies.code_reservataire,
    reunies.partie,
    reunies.ligne,
    reunies.libelle,
    cast(reunies.precedent as decimal(38, 6)) as precedent,
    cast(reunies.valeur as decimal(38, 6)) as valeur,
    reunies.unite,
    reunies.explication,
    reunies.source,
    if(
        reunies.partie in ('Objectif', 'Décompte', 'Année suivante')
        and abs(formules.resultat - reunies.valeur) < 0.0005,
        formules.formule,
        null
    ) as formule,
    row_number() over (
        partition by reunies.code_reservataire
        order by
            list_position(
                [
                    'Objectif',
                    'Décompte',
                    'Année suivante',
                    'Compté autrement, pour comparer',
                    'Quotas et plafonds',
                    'Écarts expliqués',
                    'Taux'
                ],
                reunies.partie
            ),
            reunies.ordre,
            reunies.libelle,
            reunies.ligne
    ) as ordre
from reunies
left join formules on reunies.code_reservataire = formules.code_reservataire and reunies.ligne = formules.ligne
