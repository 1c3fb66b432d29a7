-- Combien de décisions sans id_proposition ont été rattachées à la dernière proposition du logement.
-- Source : contrat, « Link ».
-- Grain : un fichier.
select
    'information' as gravite,
    attributions.fichier,
    '' as feuille,
    null as ligne,
    'id_proposition' as colonne,
    '' as valeur,
    count(liens_propositions.id_offre) || ' décision(s) sur ' || count(*)
    || ' sans id_proposition : rattachée(s) à la dernière proposition du même logement et du même réservataire.'
        as message,
    'Donnez l''identifiant de la proposition pour choisir vous-même.' as correction,
    '' as code_reservataire
from staging.attributions
inner join ref.tables_fournies on tables_fournies.table_metier = 'propositions' and tables_fournies.est_fournie
left join intermediaire.liens_propositions on attributions.id_ligne = liens_propositions.id_ligne
where attributions.id_proposition is null
group by attributions.fichier
having count(liens_propositions.id_offre) > 0
