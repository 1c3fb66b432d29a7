-- Une prévision nomme un territoire sans dire son échelle : elle est lue comme celle de tout le patrimoine.
-- Source : contrat, « f ».
-- Grain : une ligne de la table previsions.
select
    'avertissement' as gravite,
    previsions.fichier,
    previsions.feuille,
    previsions.ligne,
    'echelle' as colonne,
    previsions.code_territoire as valeur,
    'Le territoire « ' || previsions.code_territoire || ' » est donné sans son échelle : la prévision est partagée sur '
    || 'tout le patrimoine.' as message,
    'Renseignez echelle (commune, ept, epci, departement).' as correction,
    '' as code_reservataire
from raw.previsions
inner join ref.exercice on cast(previsions.annee as integer) between exercice.annee and exercice.annee + 1
where previsions.echelle is null and previsions.code_territoire is not null
