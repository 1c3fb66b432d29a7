-- Plusieurs droits de suite ou contingents en cours sur un même logement ; une erreur quand rien ne les distingue.
-- Grain : une ligne de fichier.
select
    if(nb_pareils > 1, 'erreur', 'avertissement') as gravite,
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
    if(
        nb_pareils > 1,
        'C''est le même droit, écrit deux fois : supprimez une des deux lignes.',
        'Vérifiez lequel de ces droits court encore.'
    ) as correction,
    coalesce(code_reservataire, '') as code_reservataire
from (
    select distinct
        comptes.code_reservataire,
        comptes.nature_droit,
        comptes.id_logement,
        comptes.fichier,
        comptes.feuille,
        comptes.ligne,
        pareils.nb_pareils
    from intermediaire.droits_en_cours as comptes
    inner join (
        select
            fichier,
            feuille,
            ligne,
            count(*) over (
                partition by
                    code_reservataire, id_logement, nature_droit, origine_droit, nombre_droits, date_debut, date_fin,
                    date_fin_emprunt, numero_convention
            ) as nb_pareils
        from staging.droits
    ) as pareils
        on
            comptes.fichier = pareils.fichier
            and comptes.feuille = pareils.feuille
            and comptes.ligne = pareils.ligne
    where comptes.est_compte and comptes.id_logement is not null
) as comptes
qualify count(*) over (partition by id_logement) > 1
