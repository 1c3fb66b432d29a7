-- Un événement nomme un réservataire hors du territoire de ses conventions : il compte quand même.
-- Source : contrat, « Perimeter ».
-- Grain : une ligne de fichier.
with

evenements as (
    select
        'La proposition' as quoi,
        code_reservataire,
        id_logement,
        date_mise_a_disposition as date_evenement,
        fichier,
        feuille,
        ligne
    from staging.propositions
    union all
    select
        'L''attribution' as quoi,
        code_reservataire,
        id_logement,
        unnest([date_caleol, date_signature_bail]) as date_evenement,
        fichier,
        feuille,
        ligne
    from staging.attributions
    where est_attribue
),

hors_perimetre as (
    select distinct
        evenements.quoi,
        evenements.code_reservataire,
        evenements.id_logement,
        evenements.fichier,
        evenements.feuille,
        evenements.ligne
    from evenements
    inner join ref.exercice on evenements.date_evenement between exercice.date_debut and exercice.date_fin
    inner join intermediaire.conventions_evenements
        on
            evenements.code_reservataire = conventions_evenements.code_reservataire
            and evenements.id_logement = conventions_evenements.id_logement
            and evenements.date_evenement = conventions_evenements.date_evenement
    where not conventions_evenements.est_du_territoire
)

select
    'avertissement' as gravite,
    fichier,
    feuille,
    ligne,
    'code_reservataire' as colonne,
    code_reservataire as valeur,
    quoi || ' du logement ' || id_logement || ' est hors du territoire de la convention de '
    || code_reservataire || ' : elle compte quand même.' as message,
    'Vérifiez le réservataire ou la commune du logement.' as correction,
    code_reservataire
from hors_perimetre
