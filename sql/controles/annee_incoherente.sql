-- Première location antérieure à la construction, ou construction postérieure au millésime.
-- Grain : un logement et un millésime.
select
    'avertissement' as gravite,
    rpls.fichier,
    rpls.feuille,
    rpls.ligne,
    'construct, locat' as colonne,
    rpls.annee_construction || ' / ' || rpls.annee_location as valeur,
    'Le logement ' || rpls.id_logement || ' est loué pour la première fois (' || rpls.annee_location
    || ') avant sa construction (' || rpls.annee_construction || ').' as message,
    'Corrigez le RPLS ; la période de construction suit CONSTRUCT.' as correction,
    '' as code_reservataire
from staging.rpls
where rpls.annee_location < rpls.annee_construction
