-- Plusieurs droits de suite ou contingents en cours sur un même logement.
-- Grain : une ligne de fichier.
with

comptes as (
    select distinct
        code_reservataire,
        nature_droit,
        id_logement,
        fichier,
        feuille,
        ligne
    from intermediaire.droits_en_cours
    where est_compte and id_logement is not null
),

partages as (
    select
        id_logement,
        string_agg(
            code_reservataire || ' (' || nature_droit || ')',
            ', '
            order by code_reservataire, nature_droit, fichier, feuille, ligne
        ) as porteurs
    from comptes
    group by id_logement
    having count(*) > 1
)

select
    'avertissement' as gravite,
    comptes.fichier,
    comptes.feuille,
    comptes.ligne,
    'ident_rep' as colonne,
    comptes.id_logement as valeur,
    'Plusieurs droits en cours portent sur le logement ' || comptes.id_logement || ' : ' || partages.porteurs
    || '.' as message,
    'Vérifiez lequel de ces droits court encore.' as correction,
    coalesce(comptes.code_reservataire, '') as code_reservataire
from comptes
inner join partages on comptes.id_logement = partages.id_logement
