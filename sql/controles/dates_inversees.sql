-- Une période finit avant de commencer : les en-têtes sont peut-être intervertis, et c'est une erreur quand la moitié
-- d'une feuille est ainsi.
-- Grain : une ligne de fichier et deux dates.
with

periodes as (
    select
        'date_debut, date_fin' as colonne,
        date_debut as debut,
        date_fin as fin,
        code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.reservataires
    union all
    select
        'date_debut, date_fin' as colonne,
        date_debut as debut,
        date_fin as fin,
        code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.droits
    union all
    select
        'date_debut, date_fin' as colonne,
        date_debut as debut,
        date_fin as fin,
        null as code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.exclusions
    union all
    select
        unnest(['date_conge, date_liberation', 'date_liberation, date_relocation']) as colonne,
        unnest([date_conge, date_liberation]) as debut,
        unnest([date_liberation, date_relocation]) as fin,
        null as code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.liberations
    union all
    select
        'date_mise_a_disposition, date_limite_reponse' as colonne,
        date_mise_a_disposition as debut,
        date_limite_reponse as fin,
        code_reservataire,
        fichier,
        feuille,
        ligne
    from staging.propositions
),

-- peu de périodes sont inversées : compter les autres par feuille suffit
feuilles as (
    select
        fichier,
        feuille,
        colonne,
        count(*) filter (fin < debut) as nb_inversees,
        count(*) as nb_periodes
    from periodes
    where debut is not null and fin is not null
    group by fichier, feuille, colonne
)

select
    if(
        feuilles.nb_inversees > 2 and 2 * feuilles.nb_inversees >= feuilles.nb_periodes, 'erreur', 'avertissement'
    ) as gravite,
    periodes.fichier,
    periodes.feuille,
    periodes.ligne,
    periodes.colonne,
    strftime(periodes.debut, '%d/%m/%Y') || ' – ' || strftime(periodes.fin, '%d/%m/%Y') as valeur,
    'La seconde date (' || strftime(periodes.fin, '%d/%m/%Y') || ') est antérieure à la première ('
    || strftime(periodes.debut, '%d/%m/%Y') || ') : ' || periodes.colonne || '.' as message,
    'Vérifiez les deux dates, et que leurs en-têtes ne sont pas intervertis.' as correction,
    coalesce(periodes.code_reservataire, '') as code_reservataire
from periodes
inner join
    feuilles
    on
        periodes.fichier = feuilles.fichier
        and periodes.feuille = feuilles.feuille
        and periodes.colonne = feuilles.colonne
where periodes.fin < periodes.debut
