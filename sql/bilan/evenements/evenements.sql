-- Tout ce qui est compté dans un bilan, avec ses caractéristiques et sa ligne d'origine : chaque chiffre est un
-- regroupement de cette table.
-- Grain : une chose comptée, une mesure et un bilan.
-- Clé : aucune
with

-- le parc au 1er janvier N : un logement une fois par bilan, même quand plusieurs conventions d'un code le couvrent
parc_des_bilans as (
    select
        perimetres.code_reservataire,
        perimetres.id_logement,
        perimetres.millesime,
        bool_or(perimetres.est_soumis) as est_soumis
    from intermediaire.perimetres
    inner join intermediaire.millesimes on perimetres.millesime = millesimes.millesime and millesimes.usage = 'bilan'
    group by perimetres.code_reservataire, perimetres.id_logement, perimetres.millesime
),

faits_parc as (
    select
        parc_des_bilans.code_reservataire,
        unnest(if(parc_des_bilans.est_soumis, ['parc_total', 'parc_soumis'], ['parc_total'])) as mesure,
        parc_des_bilans.id_logement,
        make_date(parc_des_bilans.millesime, 1, 1) as date_evenement,
        'non_renseigne' as public,
        'non_renseigne' as quartile,
        parc.fichier,
        parc.feuille,
        parc.ligne
    from parc_des_bilans
    inner join
        intermediaire.parc
        on parc_des_bilans.id_logement = parc.id_logement and parc_des_bilans.millesime = parc.millesime
),

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
    select * from faits_parc
    union all
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
