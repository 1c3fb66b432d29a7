-- Des prévisions sont données, aucune pour l'année qui suit l'exercice : rien n'est soustrait, faute de la bonne année.
-- Source : contrat, table previsions.
-- Grain : la campagne.
select
    'erreur' as gravite,
    min(previsions.fichier) as fichier,
    '' as feuille,
    null as ligne,
    'annee' as colonne,
    cast(max(previsions.annee) as varchar) as valeur,
    'Aucune des ' || count(*) || ' prévisions n''est pour ' || (exercice.annee + 1) || ' (la dernière : '
    || max(previsions.annee) || ') : aucune n''est soustraite.' as message,
    'Écrivez l''année prévue, celle qui suit l''exercice ; sinon retirez le fichier.' as correction,
    '' as code_reservataire
from staging.previsions
cross join ref.exercice
group by exercice.annee
having count(*) filter (previsions.annee = exercice.annee + 1) = 0
