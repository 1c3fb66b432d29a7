-- Plusieurs droits de suite ou contingents en cours sur un même logement.
-- Grain : une ligne de fichier.
select
    'avertissement' as gravite,
    fichier,
    feuille,
    ligne,
    'ident_rep' as colonne,
    id_logement as valeur,
    'Plusieurs droits en cours portent sur le logement ' || id_logement || ' : '
    || string_agg(code_reservataire || ' (' || nature_droit || ')', ', ')
        over (
            partition by id_logement
            order by code_reservataire, nature_droit, fichier, feuille, ligne
            rows between unbounded preceding and unbounded following
        )
    || '.' as message,
    'Vérifiez lequel de ces droits court encore.' as correction,
    coalesce(code_reservataire, '') as code_reservataire
from (
    select distinct
        code_reservataire,
        nature_droit,
        id_logement,
        fichier,
        feuille,
        ligne
    from intermediaire.droits_en_cours
    where est_compte and id_logement is not null
) as comptes
qualify count(*) over (partition by id_logement) > 1
