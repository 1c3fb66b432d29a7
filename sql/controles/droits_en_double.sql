-- Plusieurs droits de suite ou contingents en cours sur un même logement ; une erreur quand rien ne les distingue.
-- Grain : une ligne de fichier.
with

pareils as (
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
    where id_logement is not null
),

comptes as (
    select distinct
        droits_en_cours.code_reservataire,
        droits_en_cours.nature_droit,
        droits_en_cours.id_logement,
        droits_en_cours.fichier,
        droits_en_cours.feuille,
        droits_en_cours.ligne,
        pareils.nb_pareils
    from intermediaire.droits_en_cours
    inner join pareils
        on
            droits_en_cours.fichier = pareils.fichier
            and droits_en_cours.feuille = pareils.feuille
            and droits_en_cours.ligne = pareils.ligne
    where droits_en_cours.est_compte and droits_en_cours.id_logement is not null
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
    if(comptes.nb_pareils > 1, 'erreur', 'avertissement') as gravite,
    comptes.fichier,
    comptes.feuille,
    comptes.ligne,
    'ident_rep' as colonne,
    comptes.id_logement as valeur,
    'Plusieurs droits en cours portent sur le logement ' || comptes.id_logement || ' : ' || partages.porteurs
    || '.' as message,
    if(
        comptes.nb_pareils > 1,
        'C''est le même droit, écrit deux fois : supprimez une des deux lignes.',
        'Vérifiez lequel de ces droits court encore.'
    ) as correction,
    coalesce(comptes.code_reservataire, '') as code_reservataire
from comptes
inner join partages on comptes.id_logement = partages.id_logement
