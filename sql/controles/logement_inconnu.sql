-- Une ligne porte sur un logement absent du RPLS des deux millésimes.
-- Grain : une ligne de fichier.
with

connus as (
    select rpls.id_logement
    from staging.rpls
    inner join ref.exercice on rpls.millesime in (exercice.annee, exercice.annee + 1)
)

select
    'avertissement' as gravite,
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
anti join connus on identifiants.id_logement = connus.id_logement
