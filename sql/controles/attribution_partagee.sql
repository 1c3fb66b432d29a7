-- Une attribution ou un bail a des candidats de plusieurs réservataires : il compte pour chacun dans son bilan, pour
-- un seul dans celui du bailleur.
-- Source : contrat, « One event, one réservataire ».
-- Grain : un logement et une date.
with

evenements as (
    select
        'Attribution' as quoi,
        date_caleol as date_evenement,
        candidatures.*
    from intermediaire.candidatures
    where est_attribue_droit_commun
    union all
    select
        'Bail' as quoi,
        date_signature_bail as date_evenement,
        candidatures.*
    from intermediaire.candidatures
    where est_attribue_droit_commun and date_signature_bail is not null
),

partages as (
    select
        evenements.*,
        coalesce(evenements.code_reservataire, 'non réservé') as nom_reservataire,
        row_number() over (
            partition by evenements.quoi, evenements.id_logement, evenements.date_evenement
            order by evenements.priorite
        ) as numero
    from evenements
    inner join ref.exercice on evenements.date_evenement between exercice.date_debut and exercice.date_fin
)

select
    'avertissement' as gravite,
    arg_min(fichier, numero) as fichier,
    arg_min(feuille, numero) as feuille,
    arg_min(ligne, numero) as ligne,
    'code_reservataire' as colonne,
    string_agg(distinct nom_reservataire, ', ' order by nom_reservataire) as valeur,
    quoi || ' du logement ' || id_logement || ' le ' || strftime(date_evenement, '%d/%m/%Y')
    || ' : des candidats de plusieurs réservataires ('
    || string_agg(distinct nom_reservataire, ', ' order by nom_reservataire)
    || '). Dans le bilan du bailleur et dans la répartition, elle est à ' || arg_min(nom_reservataire, numero) || '.'
        as message,
    'Vérifiez le réservataire de chaque candidat.' as correction,
    '' as code_reservataire
from partages
group by quoi, id_logement, date_evenement
having count(distinct nom_reservataire) > 1
