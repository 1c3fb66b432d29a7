-- Flux observé de chaque bilan, sur une seule base, le parc soumis au 1er janvier N : libérations, mutations et
-- relogements à en ôter, propositions à y rapporter (les siennes, celles de l'État).
-- Source : contrat, « Flux observé » ; [002] art. 6.2.
-- Grain : un bilan, une dimension et une modalité où il s'est passé quelque chose.
-- Clé : code_reservataire, dimension, modalite
with

proposees as (
    select
        faits_propositions.id_logement,
        faits_propositions.reservataire,
        conventions.type_reservataire
    from intermediaire.faits_propositions
    left join intermediaire.conventions
        on faits_propositions.reservataire = conventions.code_reservataire and conventions.numero = 1
    where faits_propositions.code_reservataire = '_bailleur' and faits_propositions.mesure = 'mises_a_disposition'
),

cites as (
    select id_logement from proposees
    union
    select id_logement from intermediaire.hors_flux
),

soumis as (
    select
        perimetres.code_reservataire,
        perimetres.id_logement
    from intermediaire.perimetres
    semi join cites on perimetres.id_logement = cites.id_logement
    where perimetres.usage = 'bilan' and perimetres.est_soumis
),

bilans as (
    select distinct
        code_reservataire,
        nature_bilan <> 'reservataire' as est_ensemble
    from intermediaire.bilans
),

faits as (
    select
        code_reservataire,
        id_logement,
        'liberations' as fait
    from intermediaire.faits_liberations
    where mesure = 'liberations'
    union all
    select
        hors_flux.code_reservataire,
        hors_flux.id_logement,
        'hors_flux' as fait
    from intermediaire.hors_flux
    inner join soumis
        on hors_flux.code_reservataire = soumis.code_reservataire and hors_flux.id_logement = soumis.id_logement
    union all
    select
        soumis.code_reservataire,
        soumis.id_logement,
        unnest(list_concat(
            if(bilans.est_ensemble or soumis.code_reservataire = proposees.reservataire, ['proposes'], []),
            case proposees.type_reservataire
                when 'etat_prioritaires' then ['proposes_prioritaires']
                when 'etat_fonctionnaires' then ['proposes_agents']
                else []
            end
        )) as fait
    from proposees
    inner join soumis on proposees.id_logement = soumis.id_logement
    inner join bilans on soumis.code_reservataire = bilans.code_reservataire
)

select
    faits.code_reservataire,
    modalites_logement.dimension,
    modalites_logement.modalite,
    count(*) filter (where faits.fait = 'liberations') as liberations,
    count(*) filter (where faits.fait = 'hors_flux') as hors_flux,
    greatest(
        count(*) filter (where faits.fait = 'liberations') - count(*) filter (where faits.fait = 'hors_flux'), 0
    ) as flux_observe,
    count(*) filter (where faits.fait = 'proposes') as proposes,
    count(*) filter (where faits.fait = 'proposes_prioritaires') as proposes_prioritaires,
    count(*) filter (where faits.fait = 'proposes_agents') as proposes_agents
from faits
inner join intermediaire.modalites_logement on faits.id_logement = modalites_logement.id_logement
group by faits.code_reservataire, modalites_logement.dimension, modalites_logement.modalite
