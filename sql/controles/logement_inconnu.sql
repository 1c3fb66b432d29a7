-- Une ligne porte sur un logement absent du RPLS des deux millésimes. C'est une erreur quand les deux sont fournis et que
-- la ligne compte (un droit ou une exclusion en cours, un événement de l'exercice d'un logement que l'inventaire ne
-- connaît pas non plus) : une faute de frappe ne se verrait qu'à un chiffre.
-- Source : contrat, « Dwellings ».
-- Grain : une ligne de fichier.
with

comptees as (
    select
        'droits' as table_metier,
        droits.fichier,
        droits.feuille,
        droits.ligne
    from staging.droits
    cross join ref.exercice
    where
        coalesce(year(droits.date_debut) <= exercice.annee, true)
        and coalesce(year(droits.date_fin) >= exercice.annee, true)
        and coalesce(year(droits.date_fin_emprunt) + 5 >= exercice.annee, true)
    union
    select
        'exclusions' as table_metier,
        exclusions.fichier,
        exclusions.feuille,
        exclusions.ligne
    from staging.exclusions
    cross join ref.exercice
    where
        coalesce(year(exclusions.date_debut) <= exercice.annee, true)
        and coalesce(year(exclusions.date_fin) >= exercice.annee, true)
    union
    select
        dates_evenements.table_metier,
        dates_evenements.fichier,
        dates_evenements.feuille,
        dates_evenements.ligne
    from staging.dates_evenements
    inner join ref.exercice on year(dates_evenements.jour) = exercice.annee
    where dates_evenements.colonne <> 'date_signature_bail'
),

inventaire as (
    select distinct id_logement
    from staging.droits
    where id_logement is not null
),

complet as (
    select count(distinct millesime) = 2 as deux_millesimes
    from staging.rpls
    inner join ref.exercice on rpls.millesime in (exercice.annee, exercice.annee + 1)
)

select
    if(
        complet.deux_millesimes
        and comptees.ligne is not null
        and (citations.table_metier in ('droits', 'exclusions') or inventaire.id_logement is null),
        'erreur',
        'avertissement'
    ) as gravite,
    citations.fichier,
    citations.feuille,
    citations.ligne,
    'ident_rep' as colonne,
    identifiants.id_logement as valeur,
    'Le logement « ' || identifiants.id_logement || ' » de la table ' || citations.table_metier
    || ' n''est ni dans le RPLS ' || exercice.annee || ' ni dans le RPLS ' || (exercice.annee + 1) || '.' as message,
    'Vérifiez l''identifiant ; un logement sorti du parc avant l''exercice est normal.' as correction,
    '' as code_reservataire
from staging.citations
inner join
    staging.identifiants
    on citations.ident_rep = identifiants.ident_rep and citations.ident_interne = identifiants.ident_interne
cross join ref.exercice
cross join complet
anti join intermediaire.caracteristiques
    on
        identifiants.id_logement = caracteristiques.id_logement
        and caracteristiques.origine_caracteristiques in ('rpls_n', 'rpls_n1')
left join comptees
    on
        citations.table_metier = comptees.table_metier
        and citations.fichier = comptees.fichier
        and citations.feuille = comptees.feuille
        and citations.ligne = comptees.ligne
left join inventaire on identifiants.id_logement = inventaire.id_logement
