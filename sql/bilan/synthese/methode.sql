-- Règles et options appliquées à chaque bilan, avec leur source. Ce qui est le même pour tous, et les listes de codes, sont
-- dans le document commun, methode_<annee>.
-- Grain : une règle d'un bilan.
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

de_l_exercice as (
    select
        unnest([10, 11, 12, 13, 14]) as ordre,
        unnest([
            'Période', 'Parc du bilan', 'Parc de l''annexe', 'Exclusions', 'Caractéristiques des logements'
        ]) as rubrique,
        unnest([
            'Du ' || strftime(date_debut, '%d/%m/%Y') || ' au ' || strftime(date_fin, '%d/%m/%Y')
            || if(est_provisoire, ' (point d''étape : l''année n''est pas finie)', ''),
            'RPLS millésime ' || annee || ', état au 1er janvier ' || annee || ', sorties du patrimoine ôtées',
            'RPLS millésime ' || millesime || ', au 1er janvier ' || (annee + 1)
            || if(millesime = annee, ' (le millésime ' || (annee + 1) || ' n''est pas fourni)', ''),
            'Un seul motif par logement, le premier dans l''ordre : exclusions déclarées, puis RPLS '
            || '(résidence étudiante, PLI, SEM hors APL, mise en vente, mise en service dans l''année)',
            'RPLS de l''exercice, à défaut du millésime suivant, à défaut l''inventaire des droits, '
            || 'sinon « non renseigné »'
        ]) as regle,
        unnest([
            'CCH R.441-5-1',
            '[004] art. 2',
            '[001] art. 8 et 9',
            'CCH R.441-5 ; [001] à [004]',
            '[004] art. 2 : les données RPLS font foi'
        ]) as source
    from annexe
)

select
    entetes.code_reservataire,
    de_l_exercice.ordre,
    de_l_exercice.rubrique,
    de_l_exercice.regle,
    de_l_exercice.source
from bilan.entetes
cross join de_l_exercice
union all
select
    code_reservataire,
    7000000000 + ordre as ordre,
    'Avis de livraison (programmes neufs)' as rubrique,
    libelle || ' : ' || nb_mois || ' mois avant la livraison'
    || if(est_option, ' (option ' || option_requise || ')', ' (défaut)') as regle,
    source
from intermediaire.delais_programmes
union all
select
    code_reservataire,
    -- cent places par convention : 70 millions de conventions avant la rubrique suivante
    100 * numero + rang as ordre,
    rubrique,
    coalesce(regle, '') as regle,
    coalesce(source, '') as source
from intermediaire.methode_conventions
union all
select
    code_reservataire,
    100 * numero + rang as ordre,
    rubrique,
    regle,
    source
from intermediaire.methode_options
