-- Une date loin de l'exercice (plus de vingt ans avant, ou après l'année suivante), ou le jour zéro d'un
-- tableur (1900, 1904).
-- Grain : une cellule de fichier.
with

bornes as (
    select
        unnest(['date_debut', 'date_fin']) as colonne,
        unnest([date_debut, date_fin]) as jour,
        code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.reservataires
    union all
    select
        unnest(['date_debut', 'date_fin', 'date_fin_emprunt']) as colonne,
        unnest([date_debut, date_fin, date_fin_emprunt]) as jour,
        code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.droits
    union all
    select
        unnest(['date_debut', 'date_fin']) as colonne,
        unnest([date_debut, date_fin]) as jour,
        null as code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.exclusions
),

lointaines as (
    select dates_evenements.* exclude (table_metier)
    from staging.dates_evenements
    cross join ref.exercice
    where year(dates_evenements.jour) not between exercice.annee - 20 and exercice.annee + 1
    union all
    select bornes.*
    from bornes
    where bornes.jour < date '1905-01-01'
)

select
    'avertissement' as gravite,
    fichier,
    feuille,
    ligne,
    colonne,
    strftime(jour, '%d/%m/%Y') as valeur,
    'La date ' || strftime(jour, '%d/%m/%Y') || ' (' || colonne || ') n''est pas vraisemblable.' as message,
    'Vérifiez la date ; laissez la cellule vide si elle n''est pas connue.' as correction,
    coalesce(code_reservataire, '') as code_reservataire
from lointaines
