-- Un logement que seul l'inventaire connaît y est décrit de plusieurs façons : une seule de ses lignes est retenue.
-- Source : contrat, « Characteristics ».
-- Grain : un logement.
with

descriptions as (
    select
        droits.id_logement,
        unnest([
            'departement', 'epci', 'commune', 'en_qpv', 'typologie', 'financement', 'collectif_individuel'
        ]) as colonne,
        unnest([
            droits.departement,
            droits.epci,
            droits.commune,
            droits.en_qpv,
            droits.typologie,
            droits.financement,
            droits.collectif_individuel
        ]) as description,
        droits.fichier,
        droits.feuille,
        droits.ligne
    from staging.droits
    inner join intermediaire.caracteristiques on droits.id_logement = caracteristiques.id_logement
    where caracteristiques.origine_caracteristiques = 'inventaire'
),

contredites as (
    select
        id_logement,
        colonne,
        min((fichier, feuille, ligne)) as premiere
    from descriptions
    where description is not null
    group by id_logement, colonne
    having count(distinct nom_normalise(description)) > 1
)

select
    'avertissement' as gravite,
    min(premiere)[1] as fichier,
    min(premiere)[2] as feuille,
    min(premiere)[3] as ligne,
    string_agg(colonne, ', ' order by colonne) as colonne,
    id_logement as valeur,
    'Les lignes de l''inventaire décrivent différemment le logement ' || id_logement
    || ', que le RPLS ne connaît pas : la plus complète est retenue.' as message,
    'Corrigez l''inventaire des droits.' as correction,
    '' as code_reservataire
from contredites
group by id_logement
