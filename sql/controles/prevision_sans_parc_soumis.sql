-- Prévisions dont le territoire n'a que des logements hors du flux : aucun prorata n'est possible, elles comptent en
-- entier pour qui tient tous ces logements, pas du tout pour les autres.
-- Source : contrat, « f ».
-- Grain : une ligne de la table previsions.
with

sans_soumis as (
    select distinct
        usage,
        echelle,
        code_territoire
    from intermediaire.parts_previsions
    where nb_soumis_territoire = 0
)

select
    'avertissement' as gravite,
    previsions_retenues.fichier,
    previsions_retenues.feuille,
    previsions_retenues.ligne,
    'code_territoire' as colonne,
    previsions_retenues.code_territoire as valeur,
    'Les logements de ' || previsions_retenues.echelle || rtrim(' ' || previsions_retenues.code_territoire)
    || ' sont tous hors du flux, au moins pour un réservataire : la prévision de '
    || ecrit(previsions_retenues.nombre) || ' (' || coalesce(categories.libelle, 'Autres déductions') || ') pour '
    || previsions_retenues.annee || ' y compte en entier dans un périmètre qui les tient tous, pas ailleurs.'
        as message,
    'Vérifiez le territoire, et les exclusions de ses logements.' as correction,
    '' as code_reservataire
from intermediaire.previsions_retenues
inner join sans_soumis using (usage, echelle, code_territoire)
left join ref.categories on previsions_retenues.categorie = categories.categorie
where previsions_retenues.sort_prevision = 'retenue'
