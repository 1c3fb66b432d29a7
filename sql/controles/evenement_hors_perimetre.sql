-- Un événement nomme un réservataire hors du territoire de sa convention : il compte quand même.
-- Source : contrat, « Perimeter ».
-- Grain : une ligne de fichier.
with

evenements as (
    select
        'La proposition' as quoi,
        propositions.code_reservataire,
        propositions.id_logement,
        propositions.fichier,
        propositions.feuille,
        propositions.ligne
    from staging.propositions
    inner join ref.exercice on propositions.date_mise_a_disposition between exercice.date_debut and exercice.date_fin
    union all
    select
        'L''attribution' as quoi,
        attributions.code_reservataire,
        attributions.id_logement,
        attributions.fichier,
        attributions.feuille,
        attributions.ligne
    from staging.attributions
    inner join ref.exercice
        on
            attributions.date_caleol between exercice.date_debut and exercice.date_fin
            or attributions.date_signature_bail between exercice.date_debut and exercice.date_fin
    where attributions.est_attribue
),

situes as (
    select
        bilans.code_reservataire,
        territoires_logement.id_logement
    from intermediaire.bilans
    inner join
        intermediaire.territoires_logement
        on
            bilans.echelle = territoires_logement.echelle
            and bilans.code_territoire = territoires_logement.code_territoire
)

select
    'avertissement' as gravite,
    evenements.fichier,
    evenements.feuille,
    evenements.ligne,
    'code_reservataire' as colonne,
    evenements.code_reservataire as valeur,
    evenements.quoi || ' du logement ' || evenements.id_logement || ' est hors du territoire de la convention de '
    || evenements.code_reservataire || ' : elle compte quand même.' as message,
    'Vérifiez le réservataire ou la commune du logement.' as correction,
    evenements.code_reservataire
from evenements
semi join intermediaire.conventions on evenements.code_reservataire = conventions.code_reservataire
anti join situes using (code_reservataire, id_logement)
