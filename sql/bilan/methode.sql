-- Règles et options appliquées à chaque bilan, avec leur source. Grain : une règle d'un bilan.
-- Clé : code_reservataire, ordre
with

annexe as (
    select
        millesimes.millesime,
        exercice.annee,
        exercice.date_debut,
        exercice.date_fin,
        exercice.est_provisoire
    from intermediaire.millesimes
    cross join ref.exercice
    where millesimes.usage = 'annexe'
),

communes_a_tous as (
    select
        entetes.code_reservataire,
        unnest([10, 11, 12, 13, 14]) as ordre,
        unnest([
            'Période',
            'Parc du bilan',
            'Parc de l''annexe',
            'Exclusions',
            'Caractéristiques des logements'
        ]) as rubrique,
        unnest([
            'Du ' || strftime(annexe.date_debut, '%d/%m/%Y') || ' au ' || strftime(annexe.date_fin, '%d/%m/%Y')
            || if(annexe.est_provisoire, ' (point d''étape : l''année n''est pas finie)', ''),
            'RPLS millésime ' || annexe.annee || ', état au 1er janvier ' || annexe.annee || ', sorties du patrimoine ôtées',
            'RPLS millésime ' || annexe.millesime || ', état au 1er janvier ' || annexe.millesime
            || if(annexe.millesime = annexe.annee, ' (le millésime ' || (annexe.annee + 1) || ' n''est pas fourni)', ''),
            'Un seul motif par logement, le premier dans l''ordre : exclusions déclarées, puis RPLS (résidence étudiante, PLI, '
            || 'SEM hors APL, mise en vente, mise en service dans l''année)',
            'RPLS de l''exercice, à défaut du millésime suivant, à défaut l''inventaire des droits, sinon « non renseigné »'
        ]) as regle,
        unnest([
            'CCH R.441-5-1',
            '[004] art. 2',
            '[001] art. 8 et 9',
            'CCH R.441-5 ; [001] à [004]',
            '[004] art. 2 : les données RPLS font foi'
        ]) as source
    from bilan.entetes
    cross join annexe
),

de_la_convention as (
    select
        conventions.code_reservataire,
        conventions.numero,
        unnest([0, 1, 2, 3, 4, 5, 6, 7]) as rang,
        unnest([
            'Territoire',
            'Convention',
            'Taux du réservataire (ligne i)',
            'Taux de rotation (ligne d)',
            'Décompte de l''objectif',
            'Arrondis',
            'Report sur l''année suivante',
            'Options'
        ]) as rubrique,
        unnest([
            conventions.echelle || ' ' || conventions.code_territoire,
            coalesce('du ' || strftime(conventions.date_debut, '%d/%m/%Y'), 'début non renseigné') || ' '
            || coalesce('au ' || strftime(conventions.date_fin, '%d/%m/%Y'), 'sans fin renseignée'),
            regles_taux.libelle,
            regles_rotation.libelle || if(
                conventions.base_rotation like 'liberations_%' and rotation_liberations.est_moyenne_3_ans,
                ' ; aucune libération dans l''exercice : moyenne de ' || rotation_liberations.nb_annees || ' an(s)', ''
            ),
            coalesce(evenements_decompte.libelle, conventions.evenement_decompte),
            regles_arrondi.libelle || ' ; ' || regles_arrondi_final.libelle,
            if(
                conventions.report_n1,
                'l''écart non justifié s''ajoute à l''objectif suivant, le dépassement s''en retranche',
                'pas de report : actions correctives seulement'
            ),
            coalesce(nullif(array_to_string(conventions.options, ', '), ''), 'aucune')
        ]) as regle,
        unnest([
            'CCH R.441-5-3',
            'convention',
            regles_taux.source,
            regles_rotation.source,
            evenements_decompte.source,
            regles_arrondi.source,
            if(conventions.report_n1, '[002] art. 6.1', '[001] art. 8, [004] art. 9'),
            'convention'
        ]) as source
    from intermediaire.conventions
    left join intermediaire.rotation_liberations using (id_convention)
    left join ref.evenements_decompte using (evenement_decompte)
    left join ref.regles as regles_taux on conventions.mode_taux = regles_taux.code and regles_taux.liste = 'mode_taux'
    left join ref.regles as regles_rotation
        on conventions.base_rotation = regles_rotation.code and regles_rotation.liste = 'base_rotation'
    left join ref.regles as regles_arrondi
        on conventions.arrondi_etapes = regles_arrondi.code and regles_arrondi.liste = 'arrondi_etapes'
    left join ref.regles as regles_arrondi_final
        on conventions.arrondi_final = regles_arrondi_final.code and regles_arrondi_final.liste = 'arrondi_final'
),

groupes as (
    select
        dimensions.dimension,
        dimensions.ordre,
        dimensions.libelle || ' : ' || string_agg(
            codes_rpls.modalite || ' = ' || codes_rpls.code || ' (' || codes_rpls.libelle || ')', ' ; '
            order by codes_rpls.code
        ) as regle
    from ref.codes_rpls
    inner join ref.dimensions using (dimension)
    group by dimensions.dimension, dimensions.ordre, dimensions.libelle
),

periodes as (
    select string_agg(
        periode_construction || ' = ' || annee_min || ' à ' || annee_max, ' ; ' order by annee_min
    ) as regle
    from ref.periodes_construction
)

select
    code_reservataire,
    ordre,
    rubrique,
    regle,
    source
from communes_a_tous
union all
select
    code_reservataire,
    100 * numero + rang as ordre,
    rubrique,
    coalesce(regle, '') as regle,
    coalesce(source, '') as source
from de_la_convention
union all
select
    entetes.code_reservataire,
    90000 + groupes.ordre as ordre,
    'Groupes de codes RPLS' as rubrique,
    groupes.regle,
    'sql/ref/codes_rpls.csv, modifiable' as source
from bilan.entetes
cross join groupes
union all
select
    entetes.code_reservataire,
    91000 as ordre,
    'Périodes de construction' as rubrique,
    periodes.regle,
    'sql/ref/periodes_construction.csv, modifiable' as source
from bilan.entetes
cross join periodes
