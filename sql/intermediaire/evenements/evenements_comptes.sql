-- Événements comptés dans chaque bilan, avec leurs caractéristiques et leur ligne d'origine.
-- Grain : un événement compté, une mesure et un bilan.
-- Clé : aucune
-- Forme : vue
with

decomptes as (
    select
        code_reservataire,
        mesure,
        id_logement,
        date_evenement,
        public,
        quartile,
        fichier,
        feuille,
        ligne
    from intermediaire.faits_decompte
    where est_evenement_convention
),

reunis as (
    select * from intermediaire.faits_liberations
    union all
    select * exclude (id_offre, reservataire)
    from intermediaire.faits_propositions
    union all
    select * exclude (id_refus, reservataire)
    from intermediaire.faits_attributions
    union all
    select * from decomptes
    union all
    select * replace ('_bailleur' as code_reservataire)
    from decomptes
),

bilans as (select distinct code_reservataire from intermediaire.bilans)

select
    reunis.code_reservataire,
    reunis.mesure,
    reunis.id_logement,
    reunis.date_evenement,
    caracteristiques.typologie,
    caracteristiques.financement,
    caracteristiques.qpv,
    caracteristiques.commune,
    caracteristiques.periode_construction,
    caracteristiques.epci,
    caracteristiques.accessibilite,
    reunis.public,
    reunis.quartile,
    reunis.fichier,
    reunis.feuille,
    reunis.ligne
from reunis
inner join intermediaire.caracteristiques on reunis.id_logement = caracteristiques.id_logement
inner join bilans using (code_reservataire)
