-- Ligne de l'inventaire retenue pour décrire chaque logement que les droits citent : la plus complète, puis la
-- plus petite par son contenu, dans l'ordre des colonnes du contrat ; les colonnes qui décrivent le logement, vide d'abord.
-- Source : contrat, « Characteristics ».
-- Grain : un logement cité par un droit.
-- Clé : id_logement
with

lus as (
    select
        droits.*,
        (droits.departement is not null)::integer
        + (droits.epci is not null)::integer
        + (droits.commune is not null)::integer
        + (droits.en_qpv is not null)::integer
        + (droits.typologie is not null)::integer
        + (droits.financement is not null)::integer
        + (droits.collectif_individuel is not null)::integer as nb_renseignees
    from staging.droits
    where droits.id_logement is not null
),

retenus as (
    select *
    from lus
    qualify row_number() over (
        partition by id_logement
        order by
            -nb_renseignees,
            departement nulls first,
            epci nulls first,
            commune nulls first,
            en_qpv nulls first,
            typologie nulls first,
            financement nulls first,
            collectif_individuel nulls first,
            fichier,
            feuille,
            ligne
    ) = 1
)

select
    retenus.id_logement,
    typologies.modalite as typologie,
    financements.modalite as financement,
    if(retenus.en_qpv = 'true', 'en_qpv', if(retenus.en_qpv = 'false', 'hors_qpv', null)) as qpv,
    droits_localises.code_commune,
    droits_localises.code_epci,
    droits_localises.code_departement
from retenus
inner join intermediaire.droits_localises using (fichier, feuille, ligne)
left join ref.libelles_inventaire as typologies
    on nom_normalise(retenus.typologie) = typologies.libelle and typologies.dimension = 'typologie'
left join ref.libelles_inventaire as financements
    on nom_normalise(retenus.financement) = financements.libelle and financements.dimension = 'financement'
