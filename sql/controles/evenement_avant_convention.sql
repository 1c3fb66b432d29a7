-- Un événement de l'exercice est antérieur à toute convention de son réservataire : il est dans les mesures, pas dans
-- le décompte.
-- Source : contrat, « Several conventions of one code ».
-- Grain : une ligne de fichier.
with

evenements as (
    select
        'La proposition' as quoi,
        'date_mise_a_disposition' as colonne,
        date_mise_a_disposition as date_evenement,
        code_reservataire,
        id_logement,
        fichier,
        feuille,
        ligne
    from intermediaire.offres
    where not est_annulee and not est_premiere_location
    union all
    select
        unnest(['L''attribution', 'Le bail']) as quoi,
        unnest(['date_caleol', 'date_signature_bail']) as colonne,
        unnest([if(est_dans_flux, date_caleol, null), if(est_bail_dans_flux, date_signature_bail, null)])
            as date_evenement,
        code_reservataire,
        id_logement,
        fichier,
        feuille,
        ligne
    from intermediaire.candidatures
    where est_dans_flux or est_bail_dans_flux
)

select
    'avertissement' as gravite,
    evenements.fichier,
    evenements.feuille,
    evenements.ligne,
    evenements.colonne,
    strftime(evenements.date_evenement, '%d/%m/%Y') as valeur,
    evenements.quoi || ' du logement ' || evenements.id_logement || ' précède la première convention de '
    || evenements.code_reservataire || ' : elle est dans les mesures, pas dans le décompte.' as message,
    'Vérifiez la date, ou le début de la convention.' as correction,
    evenements.code_reservataire
from evenements
inner join ref.exercice on evenements.date_evenement between exercice.date_debut and exercice.date_fin
semi join intermediaire.conventions_datees on evenements.code_reservataire = conventions_datees.code_reservataire
anti join intermediaire.conventions_evenements
    on
        evenements.code_reservataire = conventions_evenements.code_reservataire
        and evenements.id_logement = conventions_evenements.id_logement
        and evenements.date_evenement = conventions_evenements.date_evenement
