-- Un événement d'une autre époque dans un fichier dont presque tout est de l'exercice : une faute de frappe dans l'année.
-- Un fichier qui remonte loin (moins de quatre cinquièmes de ses lignes dans les trois ans de l'exercice) n'en a pas.
-- De même une année voisine, hors des mois qui touchent l'exercice, dans un fichier qui est tout de l'exercice (bail à
-- part, qui se signe l'année d'après).
-- Source : contrat, « Events » : un événement compte à sa date, dans l'exercice.
-- Grain : une cellule de fichier.
with

juges as (
    select
        dates_evenements.*,
        year(dates_evenements.jour) between exercice.annee - 2 and exercice.annee + 1 as est_proche,
        year(dates_evenements.jour) = exercice.annee as est_de_l_exercice,
        dates_evenements.jour between make_date(exercice.annee - 1, 9, 1) and make_date(exercice.annee + 1, 4, 30)
            as est_voisin,
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
),

fichiers as (
    select
        colonne,
        fichier,
        count(*) as nb_dates,
        count(*) filter (est_de_l_exercice) as nb_de_l_exercice
    from juges
    group by colonne, fichier
)

select
    'erreur' as gravite,
    juges.fichier,
    juges.feuille,
    juges.ligne,
    juges.colonne,
    strftime(juges.jour, '%d/%m/%Y') as valeur,
    'La date ' || strftime(juges.jour, '%d/%m/%Y') || ' (' || juges.colonne || ') est loin de l''exercice '
    || juges.annee || ', quand '
    || if(
        juges.est_proche,
        fichiers.nb_de_l_exercice || ' dates sur ' || fichiers.nb_dates || ' en sont',
        comptes.nb_proches || ' dates sur ' || comptes.nb_dates || ' en sont proches'
    )
    || ' : ce qu''elle date ne compte pas dans cet exercice.' as message,
    'Corrigez l''année si c''est une faute de frappe ; sinon la date est juste, et rien n''est à faire.' as correction,
    juges.code_reservataire
from juges
inner join comptes
    on juges.colonne = comptes.colonne and juges.fichier = comptes.fichier and juges.feuille = comptes.feuille
inner join fichiers
    on juges.colonne = fichiers.colonne and juges.fichier = fichiers.fichier
where
    (not juges.est_proche and 5 * comptes.nb_proches >= 4 * comptes.nb_dates)
    or (
        juges.est_proche
        and not juges.est_voisin
        and juges.colonne <> 'date_signature_bail'
        and fichiers.nb_dates >= 10
        and 10 * fichiers.nb_de_l_exercice >= 9 * fichiers.nb_dates
    )
