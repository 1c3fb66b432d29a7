-- Aucune libération en trois ans sur le périmètre : le taux de rotation est nul.
-- Grain : une convention.
select
    'avertissement' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'd' as colonne,
    '0' as valeur,
    'Aucune libération du parc soumis en trois ans pour '
    || conventions.code_reservataire
    || ' : taux de rotation nul.' as message,
    'Vérifiez la table liberations, ou convenez d''un taux fixe.' as correction,
    conventions.code_reservataire
from intermediaire.conventions_datees as conventions
inner join intermediaire.rotation_liberations
    on conventions.id_convention = rotation_liberations.id_convention and rotation_liberations.usage = 'annexe'
where
    conventions.base_rotation like 'liberations_%'
    and rotation_liberations.taux = 0
