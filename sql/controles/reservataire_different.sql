-- Une décision ne nomme pas le réservataire de sa proposition.
-- Grain : une ligne de fichier.
select
    'avertissement' as gravite,
    candidatures.fichier,
    candidatures.feuille,
    candidatures.ligne,
    'code_reservataire' as colonne,
    coalesce(candidatures.code_reservataire, '') as valeur,
    'La décision est comptée pour « ' || coalesce(candidatures.code_reservataire, 'non réservé')
    || ' » alors que sa proposition était faite à ' || offres.code_reservataire || '.' as message,
    'Vérifiez le réservataire de la décision.' as correction,
    offres.code_reservataire
from intermediaire.candidatures
inner join intermediaire.offres on candidatures.id_offre = offres.id_offre
where candidatures.code_reservataire is distinct from offres.code_reservataire
