-- Des dates qui se contredisent : attribution avant proposition, bail avant décision (une des deux est fausse, et chacune
-- compte à la sienne), bail sans attribution.
-- Grain : une ligne de fichier.
with

fautes as (
    select
        attributions.*,
        unnest([
            if(
                attributions.date_caleol < offres.date_mise_a_disposition,
                'La décision est antérieure à la proposition (' || strftime(
                    offres.date_mise_a_disposition, '%d/%m/%Y'
                ) || ').',
                null
            ),
            if(
                attributions.date_signature_bail < attributions.date_caleol,
                'Le bail ('
                || strftime(attributions.date_signature_bail, '%d/%m/%Y')
                || ') est antérieur à la décision.',
                null
            ),
            if(
                attributions.date_signature_bail is not null and not attributions.est_attribue,
                'Un bail est signé sans décision d''attribution : il ne compte pas.',
                null
            )
        ]) as constat
    from intermediaire.candidatures as attributions
    left join intermediaire.offres on attributions.id_offre = offres.id_offre
)

select
    if(constat like '%antérieur à la décision.', 'erreur', 'avertissement') as gravite,
    fichier,
    feuille,
    ligne,
    'date_caleol' as colonne,
    strftime(date_caleol, '%d/%m/%Y') as valeur,
    constat as message,
    'Vérifiez les dates et la décision.' as correction,
    coalesce(code_reservataire, '') as code_reservataire
from fautes
where constat is not null
