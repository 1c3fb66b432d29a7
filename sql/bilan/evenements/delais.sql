-- Délais entre la libération, la proposition, la relance, la commission et le bail des logements proposés dans
-- l'exercice, en flux, à côté de ce que la loi ou les conventions types promettent.
-- Source : [001] art. 5 et 6, [002] art. 4.1 et 6.1, CCH L.441-1 al. 42.
-- Grain : un bilan et un délai.
-- Clé : code_reservataire, delai
with

proposees as (
    select
        faits_propositions.code_reservataire,
        offres.* exclude (code_reservataire)
    from intermediaire.faits_propositions
    inner join intermediaire.offres on faits_propositions.id_offre = offres.id_offre
    where faits_propositions.mesure = 'mises_a_disposition'
),

-- la dernière libération au plus tard le jour de la proposition : un logement peut être proposé avant d'être libre
liberees as (
    select
        proposees.code_reservataire,
        proposees.id_offre,
        max(liberations_uniques.date_liberation) as date_liberation
    from proposees
    inner join intermediaire.liberations_uniques
        on
            proposees.id_logement = liberations_uniques.id_logement
            and proposees.date_mise_a_disposition >= liberations_uniques.date_liberation
    group by proposees.code_reservataire, proposees.id_offre
),

suivies as (
    select
        proposees.code_reservataire,
        proposees.id_offre,
        min(candidatures.date_caleol) as premiere_commission,
        min(candidatures.date_caleol) filter (where candidatures.date_signature_bail is not null) as commission_du_bail,
        min(candidatures.date_signature_bail) as date_signature_bail
    from proposees
    inner join intermediaire.candidatures on proposees.id_offre = candidatures.id_offre
    where candidatures.date_caleol >= proposees.date_mise_a_disposition
    group by proposees.code_reservataire, proposees.id_offre
),

etapes as (
    select
        proposees.code_reservataire,
        unnest(['vacance', 'reponse', 'relance', 'commission', 'bail', 'relocation']) as delai,
        unnest([
            date_diff('day', liberees.date_liberation, proposees.date_mise_a_disposition),
            date_diff('day', proposees.date_mise_a_disposition, proposees.date_limite_reponse),
            date_diff('day', proposees.date_limite_reponse, proposees.date_relance),
            date_diff('day', proposees.date_mise_a_disposition, suivies.premiere_commission),
            date_diff('day', suivies.commission_du_bail, suivies.date_signature_bail),
            date_diff('day', liberees.date_liberation, suivies.date_signature_bail)
        ]) as nb_jours
    from proposees
    left join liberees
        on proposees.code_reservataire = liberees.code_reservataire and proposees.id_offre = liberees.id_offre
    left join suivies
        on proposees.code_reservataire = suivies.code_reservataire and proposees.id_offre = suivies.id_offre
)

select
    etapes.code_reservataire,
    etapes.delai,
    delais.ordre,
    delais.libelle,
    count(*) as nombre,
    count(etapes.nb_jours) as nb_connus,
    min(etapes.nb_jours) as jours_minimum,
    quantile_disc(etapes.nb_jours, 0.5) as jours_mediane,
    max(etapes.nb_jours) as jours_maximum,
    cast(delais.jours_promis as integer) as jours_promis,
    if(
        delais.jours_promis is null,
        null,
        count(*) filter (where etapes.nb_jours > cast(delais.jours_promis as integer))
    ) as nb_depassements,
    delais.source
from etapes
inner join ref.delais on etapes.delai = delais.delai
group by etapes.code_reservataire, etapes.delai, delais.ordre, delais.libelle, delais.jours_promis, delais.source
