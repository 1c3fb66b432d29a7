-- Des droits n'ont pas d'origine, mais une fin d'emprunt : ils sont lus comme des garanties d'emprunt.
-- Source : contrat, « Part » ; CCH R.441-6.
-- Grain : un fichier et un réservataire.
select
    'avertissement' as gravite,
    fichier,
    feuille,
    min(ligne) as ligne,
    'origine_droit' as colonne,
    '' as valeur,
    count(*) || ' droit(s) de ' || coalesce(code_reservataire, reservataire, '')
    || ' sans origine_droit, mais avec une fin d''emprunt, sont lus comme des garanties d''emprunt : ils finissent '
    || 'avec lui, ou cinq ans après pour une commune ou un EPCI.' as message,
    'Renseignez origine_droit.' as correction,
    coalesce(code_reservataire, '') as code_reservataire
from staging.droits
where
    origine_droit is null
    and date_fin is null
    and date_fin_emprunt is not null
    and nature_droit in ('ds', 'contingent')
group by fichier, feuille, code_reservataire, reservataire
