-- Logements proposés à l'État dans l'exercice, sur le périmètre du bailleur, des EPCI et des conventions de
-- l'État, par caractéristique du logement.
-- Grain : un bilan, une dimension et une modalité.
-- Clé : code_reservataire, dimension, modalite
with

proposes as (
    select
        bilans_logement.code_reservataire,
        faits_propositions.id_logement,
        conventions.type_reservataire,
        faits_propositions.fichier,
        faits_propositions.feuille,
        faits_propositions.ligne
    from intermediaire.faits_propositions
    inner join intermediaire.conventions
        on
            faits_propositions.code_reservataire = conventions.code_reservataire
            and conventions.numero = 1
            and conventions.type_reservataire like 'etat_%'
    inner join intermediaire.bilans_logement on faits_propositions.id_logement = bilans_logement.id_logement
    left join intermediaire.conventions_datees as tenantes on bilans_logement.id_convention = tenantes.id_convention
    where
        faits_propositions.mesure = 'mises_a_disposition'
        and (bilans_logement.nature_bilan <> 'reservataire' or tenantes.type_reservataire like 'etat_%')
    group by all
)

select
    proposes.code_reservataire,
    modalites_logement.dimension,
    modalites_logement.modalite,
    count(*) filter (where proposes.type_reservataire = 'etat_prioritaires') as proposes_prioritaires,
    count(*) filter (where proposes.type_reservataire = 'etat_fonctionnaires') as proposes_agents
from proposes
inner join intermediaire.modalites_logement on proposes.id_logement = modalites_logement.id_logement
group by proposes.code_reservataire, modalites_logement.dimension, modalites_logement.modalite
