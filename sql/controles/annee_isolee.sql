-- Un événement d'une autre époque dans un fichier dont presque tout est de l'exercice : une faute de frappe dans l'année.
-- Un fichier qui remonte loin (moins de quatre cinquièmes de ses lignes dans les trois ans de l'exercice) n'en a pas.
-- Source : contrat, « Events » : un événement compte à sa date, dans l'exercice.
-- Grain : une cellule de fichier.
with

juges as (
    select
        dates_evenements.*,
        year(dates_evenements.jour) between exercice.annee - 2 and exercice.annee + 1 as est_proche,
        exercice.annee
    from staging.dates_evenements
    cross join ref.exercice
    where dates_evenements.jour is not null
),

comptes as (
    select
        colonne,
        fichier,
        feuille,
        count(*) as nb_dates,
        count(*) filter (est_proche) as nb_proches
    from juges
    group by colonne, fichier, feuille
)

select
    'erreur' as gravite,
    juges.fichier,
    juges.feuille,
    juges.ligne,
    juges.colonne,
    strftime(juges.jour, '%d/%m/%Y') as valeur,
    'La date ' || strftime(juges.jour, '%d/%m/%Y') || ' (' || juges.colonne || ') est loin de l''exercice '
    || juges.annee || ', quand ' || comptes.nb_proches || ' dates sur ' || comptes.nb_dates
    || ' en sont proches : la ligne n''est pas comptée.' as message,
    'Corrigez l''année si c''est une faute de frappe ; sinon retirez la ligne.' as correction,
    juges.code_reservataire
from juges
inner join comptes
    on juges.colonne = comptes.colonne and juges.fichier = comptes.fichier and juges.feuille = comptes.feuille
where not juges.est_proche and 5 * comptes.nb_proches >= 4 * comptes.nb_dates
