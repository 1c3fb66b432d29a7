-- Ce que sont devenus les logements proposés dans l'exercice, à la date d'arrêté : carence, attribution.
-- Grain : un bilan et une proposition.
-- Clé : code_reservataire, fichier, feuille, ligne
with

attribuees as (
    select distinct candidatures.id_proposition
    from intermediaire.candidatures
    inner join ref.exercice on candidatures.date_caleol <= exercice.date_fin
    where candidatures.est_dans_flux
)

select
    faits_propositions.code_reservataire,
    faits_propositions.fichier,
    faits_propositions.feuille,
    faits_propositions.ligne,
    coalesce(propositions.issue = 'carence', false) as est_carence,
    attribuees.id_proposition is not null as est_attribuee
from intermediaire.faits_propositions
inner join staging.propositions
    on
        faits_propositions.fichier = propositions.fichier
        and faits_propositions.feuille = propositions.feuille
        and faits_propositions.ligne = propositions.ligne
left join attribuees on propositions.id_proposition = attribuees.id_proposition
where faits_propositions.mesure = 'mises_a_disposition'
