-- Une référence interne, telle quelle ou par ses lettres et chiffres, va à plusieurs logements : aucun n'est retenu.
-- Source : contrat, « Dwellings ».
-- Grain : une ligne de fichier.
select
    'erreur' as gravite,
    citations.fichier,
    citations.feuille,
    citations.ligne,
    'ident_interne' as colonne,
    citations.ident_interne as valeur,
    'La référence « ' || citations.ident_interne || ' » peut désigner plusieurs logements : '
    || array_to_string(identifiants.logements_proches[:5], ', ')
    || if(len(identifiants.logements_proches) > 5, '…', '') || '. Aucun n''est retenu.' as message,
    'Donnez ident_rep, ou la référence exactement comme dans le RPLS si un seul logement l''y a.' as correction,
    '' as code_reservataire
from staging.citations
inner join
    staging.identifiants
    on citations.ident_rep = identifiants.ident_rep and citations.ident_interne = identifiants.ident_interne
where identifiants.recherche = 'ambigu'
