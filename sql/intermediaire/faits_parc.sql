-- Logements du parc et du parc soumis de chaque bilan au 1er janvier N. Grain : un bilan, une mesure et un logement.
-- Clé : code_reservataire, mesure, id_logement
with

logements as (
    select
        perimetres.code_reservataire,
        perimetres.id_logement,
        perimetres.millesime,
        bool_or(perimetres.est_soumis) as est_soumis
    from intermediaire.perimetres
    inner join intermediaire.millesimes on perimetres.millesime = millesimes.millesime and millesimes.usage = 'bilan'
    group by perimetres.code_reservataire, perimetres.id_logement, perimetres.millesime
),

mesures as (
    select
        code_reservataire,
        'parc_total' as mesure,
        id_logement,
        millesime
    from logements
    union all
    select
        code_reservataire,
        'parc_soumis' as mesure,
        id_logement,
        millesime
    from logements
    where est_soumis
)

select
    mesures.code_reservataire,
    mesures.mesure,
    mesures.id_logement,
    make_date(mesures.millesime, 1, 1) as date_evenement,
    'non_renseigne' as public,
    parc.fichier,
    parc.feuille,
    parc.ligne
from mesures
inner join intermediaire.parc on mesures.id_logement = parc.id_logement and mesures.millesime = parc.millesime
