-- Combien de candidats attribués ont un motif de refus et aucune réponse : ils ne sont pas comptés comme des refus.
-- Source : contrat, « Events », refus.
-- Grain : un fichier et une feuille.
select
    'avertissement' as gravite,
    attributions.fichier,
    attributions.feuille,
    min(attributions.ligne) as ligne,
    'reponse_candidat' as colonne,
    '' as valeur,
    count(*) || ' candidat(s) ont un motif de refus et pas de réponse : ils ne sont pas comptés comme des refus.'
        as message,
    'Renseignez reponse_candidat (refuse) sur ces lignes, ou videz le motif.' as correction,
    '' as code_reservataire
from staging.attributions
where
    attributions.est_attribue
    and attributions.motif_refus is not null
    and attributions.reponse_candidat is null
group by attributions.fichier, attributions.feuille
