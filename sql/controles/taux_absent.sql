-- Une convention n'a pas le taux que sa règle demande.
-- Grain : une convention.
select
    'erreur' as gravite,
    conventions.fichier,
    conventions.feuille,
    conventions.ligne,
    if(conventions.mode_taux = 'imprime' and conventions.taux_pct is null, 'taux_pct', 'taux_rotation_pct') as colonne,
    '' as valeur,
    'La convention de '
    || conventions.code_reservataire
    || ' n''a pas le taux que sa règle demande : son flux n''est pas calculé.' as message,
    'Remplissez taux_pct (mode imprime) ou taux_rotation_pct (base fixe).' as correction,
    conventions.code_reservataire
from intermediaire.conventions
inner join ref.types_reservataire
    on conventions.type_reservataire = types_reservataire.type_reservataire and types_reservataire.sans_objectif = 'non'
where
    (conventions.mode_taux = 'imprime' and conventions.taux_pct is null)
    or (conventions.base_rotation = 'fixe' and conventions.taux_rotation_pct is null)
