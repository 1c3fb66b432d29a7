-- Aucune date d'une table d'événements n'est dans l'exercice, les deux années d'avant ou la suivante : rien n'en est compté.
-- Un fichier d'une autre année, ou un calendrier de tableur lu pour un autre (1904).
-- Source : contrat, « Events » : un événement compte à sa date.
-- Grain : une table.
with

comptes as (
    select
        dates_evenements.table_metier,
        dates_evenements.colonne,
        exercice.annee,
        count(*) as nb_dates,
        min(dates_evenements.jour) as premier,
        max(dates_evenements.jour) as dernier,
        count(*) filter (year(dates_evenements.jour) between exercice.annee - 2 and exercice.annee + 1) as nb_proches
    from staging.dates_evenements
    cross join ref.exercice
    where dates_evenements.jour is not null and dates_evenements.colonne <> 'date_signature_bail'
    group by dates_evenements.table_metier, dates_evenements.colonne, exercice.annee
)

select
    'erreur' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    colonne,
    '' as valeur,
    'Aucune des ' || nb_dates || ' dates de la table ' || table_metier || ' (du ' || strftime(premier, '%d/%m/%Y')
    || ' au ' || strftime(dernier, '%d/%m/%Y') || ') n''est proche de l''exercice ' || annee
    || ' : rien n''en est compté.' as message,
    'Vérifiez que c''est le fichier de l''exercice, et que ses dates s''affichent bien dans le tableur.' as correction,
    '' as code_reservataire
from comptes
where nb_proches = 0
