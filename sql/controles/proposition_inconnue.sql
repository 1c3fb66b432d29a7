-- Une décision cite une proposition absente de la table propositions.
-- Grain : une ligne de fichier.
select
    'avertissement' as gravite,
    attributions.fichier,
    attributions.feuille,
    attributions.ligne,
    'id_proposition' as colonne,
    attributions.id_proposition as valeur,
    'La proposition « ' || attributions.id_proposition || ' » n''est pas dans la table propositions.' as message,
    'Vérifiez l''identifiant, ou complétez la table propositions.' as correction,
    coalesce(attributions.code_reservataire, '') as code_reservataire
from staging.attributions
inner join ref.tables_fournies on tables_fournies.table_metier = 'propositions' and tables_fournies.est_fournie
anti join staging.propositions using (id_proposition)
where attributions.id_proposition is not null
