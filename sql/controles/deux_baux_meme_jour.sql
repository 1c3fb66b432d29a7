-- Deux baux signés le même jour pour un logement : ils comptent pour un.
-- Grain : une ligne de fichier.
select
    'avertissement' as gravite,
    fichier,
    feuille,
    ligne,
    'date_signature_bail' as colonne,
    strftime(date_signature_bail, '%d/%m/%Y') as valeur,
    'Plusieurs candidats ont un bail signé le même jour pour le logement '
    || id_logement
    || ' : un seul bail est compté.' as message,
    'Gardez la date de bail du seul candidat logé.' as correction,
    coalesce(code_reservataire, '') as code_reservataire
from staging.attributions
where date_signature_bail is not null
qualify count(*) over (partition by id_logement, date_signature_bail) > 1
