-- Une décision sans id_proposition a deux propositions aussi proches : elle n'est rattachée à aucune.
-- Source : contrat, « Link ».
-- Grain : une ligne de fichier.
select
    'avertissement' as gravite,
    attributions.fichier,
    attributions.feuille,
    attributions.ligne,
    'id_proposition' as colonne,
    '' as valeur,
    'Le logement ' || attributions.id_logement || ' a été proposé ' || liens_propositions.nb_offres
    || ' fois le même jour à ' || attributions.code_reservataire
    || ' : la décision n''est rattachée à aucune de ces propositions.' as message,
    'Donnez l''identifiant de la proposition dans la colonne id_proposition.' as correction,
    attributions.code_reservataire
from intermediaire.liens_propositions
inner join staging.attributions on liens_propositions.id_ligne = attributions.id_ligne
where liens_propositions.id_offre is null
