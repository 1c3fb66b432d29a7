-- Une décision a deux propositions possibles, aussi proches ou de même identifiant : elle n'est rattachée à aucune.
-- Source : contrat, « Link ».
-- Grain : une ligne de fichier.
select
    'avertissement' as gravite,
    attributions.fichier,
    attributions.feuille,
    attributions.ligne,
    'id_proposition' as colonne,
    coalesce(attributions.id_proposition, '') as valeur,
    if(
        liens_propositions.est_deduit,
        'Le logement ' || attributions.id_logement || ' a été proposé ' || liens_propositions.nb_offres
        || ' fois le même jour à ' || attributions.code_reservataire,
        liens_propositions.nb_offres || ' propositions différentes portent l''identifiant « '
        || attributions.id_proposition || ' »'
    ) || ' : la décision n''est rattachée à aucune.' as message,
    'Donnez l''identifiant de la proposition dans la colonne id_proposition.' as correction,
    coalesce(attributions.code_reservataire, '') as code_reservataire
from intermediaire.liens_propositions
inner join staging.attributions on liens_propositions.id_ligne = attributions.id_ligne
where liens_propositions.id_offre is null
