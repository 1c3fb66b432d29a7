-- Des logements sont trouvés par leurs lettres et chiffres seulement : leur référence n'est pas écrite comme au RPLS.
-- Source : contrat, « Dwellings ».
-- Grain : un fichier.
select
    'avertissement' as gravite,
    citations.fichier,
    '' as feuille,
    null as ligne,
    'ident_interne' as colonne,
    min(citations.ident_interne) as valeur,
    count(*) || ' ligne(s) désignent leur logement par une référence que le RPLS écrit autrement : '
    || 'ses lettres et chiffres, sans zéros en tête, ne vont qu''à un logement, qui est retenu (« '
    || min(citations.ident_interne) || ' » : '
    || arg_min(identifiants.id_logement, (citations.ident_interne, identifiants.id_logement)) || ').' as message,
    'Écrivez les références comme dans le RPLS si l''une de ces lignes est d''un autre logement.' as correction,
    '' as code_reservataire
from staging.citations
inner join
    staging.identifiants
    on citations.ident_rep = identifiants.ident_rep and citations.ident_interne = identifiants.ident_interne
where identifiants.recherche = 'rapproche'
group by citations.fichier
