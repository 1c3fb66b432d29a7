-- Un logement compté n'a pas une caractéristique : il est « non renseigné » dans la ventilation.
-- Grain : un logement et une dimension.
with

comptes as (
    select
        id_logement,
        any_value(typologie) as typologie,
        any_value(financement) as financement,
        any_value(qpv) as qpv,
        any_value(commune) as commune,
        any_value(periode_construction) as periode_construction,
        min(fichier || ' ' || feuille || ' ' || lpad(cast(ligne as varchar), 9, '0')) as premiere,
        arg_min(fichier, fichier || ' ' || feuille || ' ' || lpad(cast(ligne as varchar), 9, '0')) as fichier,
        arg_min(feuille, fichier || ' ' || feuille || ' ' || lpad(cast(ligne as varchar), 9, '0')) as feuille,
        arg_min(ligne, fichier || ' ' || feuille || ' ' || lpad(cast(ligne as varchar), 9, '0')) as ligne
    from intermediaire.evenements_comptes
    where
        code_reservataire = '_bailleur'
        and 'non_renseigne' in (typologie, financement, qpv, commune, periode_construction)
    group by id_logement
),

depliees as (
    select
        id_logement,
        fichier,
        feuille,
        ligne,
        unnest(['typologie', 'financement', 'qpv', 'commune', 'periode_construction']) as dimension,
        unnest([typologie, financement, qpv, commune, periode_construction]) as modalite
    from comptes
)

select
    'avertissement' as gravite,
    fichier,
    feuille,
    ligne,
    dimension as colonne,
    id_logement as valeur,
    'La caractéristique « '
    || dimension
    || ' » du logement '
    || id_logement
    || ' est inconnue : comptée « non renseigné ».' as message,
    'Complétez le RPLS, ou l''inventaire des droits.' as correction,
    '' as code_reservataire
from depliees
where modalite = 'non_renseigne'
