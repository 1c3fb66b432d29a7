-- Une prévision nomme un territoire sans dire son échelle : elle est lue comme celle de tout le patrimoine ; ou dit une
-- échelle sans territoire, et ne compte pour personne.
-- Source : contrat, « f ».
-- Grain : une ligne de la table previsions.
select
    'erreur' as gravite,
    previsions.fichier,
    previsions.feuille,
    previsions.ligne,
    if(previsions.echelle is null, 'echelle', 'code_territoire') as colonne,
    coalesce(previsions.code_territoire, previsions.echelle) as valeur,
    if(
        previsions.echelle is null,
        'Le territoire « ' || previsions.code_territoire || ' » est donné sans son échelle : la prévision est partagée '
        || 'sur tout le patrimoine.',
        'L''échelle « ' || previsions.echelle || ' » est donnée sans son territoire : la prévision ne compte pour '
        || 'personne.'
    ) as message,
    'Renseignez les deux, echelle (commune, ept, epci, departement) et code_territoire ; aucun des deux pour tout le '
    || 'patrimoine.' as correction,
    '' as code_reservataire
from raw.previsions
inner join ref.exercice on cast(previsions.annee as integer) between exercice.annee and exercice.annee + 1
where
    (previsions.echelle is null and previsions.code_territoire is not null)
    or (previsions.echelle <> 'bailleur' and previsions.code_territoire is null)
