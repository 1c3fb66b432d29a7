-- Logements proposés, attribués, loués et refusés de chaque périmètre, par réservataire à qui l'événement est, et par
-- logements de mêmes caractéristiques.
-- Source : CCH R.441-5-1 ; contrat, `repartition_`.
-- Grain : un périmètre, un réservataire, une mesure et un profil de logement.
-- Clé : code_perimetre, titulaire, mesure, typologie, financement, qpv, commune, periode_construction, epci, accessibilite, public, quartile
with

faits as (
    select
        mesure,
        reservataire,
        id_logement,
        public,
        quartile
    from intermediaire.faits_propositions
    where code_reservataire = '_bailleur'
    union all
    select
        mesure,
        reservataire,
        id_logement,
        public,
        quartile
    from intermediaire.faits_attributions
    where code_reservataire = '_bailleur'
),

profils as (
    select
        caracteristiques.id_lieu,
        coalesce(faits.reservataire, 'non_reserve') as titulaire,
        faits.mesure,
        caracteristiques.typologie,
        caracteristiques.financement,
        caracteristiques.qpv,
        caracteristiques.commune,
        caracteristiques.periode_construction,
        caracteristiques.epci,
        caracteristiques.accessibilite,
        faits.public,
        faits.quartile,
        count(*) as nombre
    from faits
    inner join intermediaire.caracteristiques on faits.id_logement = caracteristiques.id_logement
    where faits.mesure in ('proposes', 'attribues', 'mises_a_disposition', 'attributions', 'baux_signes', 'refus')
    group by all
)

select
    perimetres_lieux.code_reservataire as code_perimetre,
    profils.titulaire,
    profils.mesure,
    profils.typologie,
    profils.financement,
    profils.qpv,
    profils.commune,
    profils.periode_construction,
    profils.epci,
    profils.accessibilite,
    profils.public,
    profils.quartile,
    cast(sum(profils.nombre) as bigint) as nombre
from profils
inner join intermediaire.perimetres_lieux
    on profils.id_lieu = perimetres_lieux.id_lieu and perimetres_lieux.usage = 'bilan'
semi join intermediaire.perimetres_egaux on perimetres_lieux.code_reservataire = perimetres_egaux.code_perimetre
group by all
