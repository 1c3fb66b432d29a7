-- Ce que sont devenus les logements proposés dans l'exercice, à la date d'arrêté : carence, attribution.
-- Grain : un bilan et une proposition.
-- Clé : code_reservataire, id_offre
with

attribuees as (
    select distinct candidatures.id_offre
    from intermediaire.candidatures
    inner join ref.exercice on candidatures.date_caleol <= exercice.date_fin
    where candidatures.est_dans_flux and candidatures.id_offre is not null
)

select
    faits_propositions.code_reservataire,
    faits_propositions.id_offre,
    coalesce(offres.issue = 'carence', false) as est_carence,
    attribuees.id_offre is not null as est_attribuee
from intermediaire.faits_propositions
inner join intermediaire.offres on faits_propositions.id_offre = offres.id_offre
left join attribuees on faits_propositions.id_offre = attribuees.id_offre
where faits_propositions.mesure = 'mises_a_disposition'
