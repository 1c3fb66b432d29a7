-- Mutations et relogements attribués dans l'exercice sur le périmètre de chaque bilan, quel que soit le
-- réservataire nommé.
-- Source : [002] art. 6.2.
-- Grain : un bilan, une catégorie, un logement et une date.
-- Clé : code_reservataire, categorie, id_logement, date_evenement
with

attribues as (
    select
        candidatures.id_logement,
        candidatures.categorie,
        candidatures.date_caleol as date_evenement,
        candidatures.motif_mutation,
        candidatures.code_reservataire as reservataire,
        candidatures.fichier,
        candidatures.feuille,
        candidatures.ligne
    from intermediaire.candidatures
    inner join ref.categories on candidatures.categorie = categories.categorie
    inner join ref.exercice on candidatures.date_caleol between exercice.date_debut and exercice.date_fin
    where candidatures.est_attribue
    qualify row_number() over (
        partition by candidatures.id_logement, candidatures.categorie, candidatures.date_caleol
        order by candidatures.priorite
    ) = 1
)

select
    bilans_logement.code_reservataire,
    attribues.categorie,
    attribues.id_logement,
    attribues.date_evenement,
    attribues.motif_mutation,
    attribues.reservataire,
    attribues.fichier,
    attribues.feuille,
    attribues.ligne
from attribues
inner join intermediaire.bilans_logement on attribues.id_logement = bilans_logement.id_logement
