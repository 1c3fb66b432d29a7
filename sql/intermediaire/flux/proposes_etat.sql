-- Logements proposés à l'État dans l'exercice, sur le périmètre du bailleur, des EPCI et des conventions de
-- l'État, par caractéristique du logement.
-- Grain : un bilan, une dimension et une modalité.
-- Clé : code_reservataire, dimension, modalite
with

cibles as (
    select bilans.*
    from intermediaire.bilans
    left join intermediaire.conventions on bilans.id_convention = conventions.id_convention
    where bilans.nature_bilan <> 'reservataire' or conventions.type_reservataire like 'etat_%'
),

proposes as (
    select
        cibles.code_reservataire,
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
    inner join intermediaire.territoires_logement on faits_propositions.id_logement = territoires_logement.id_logement
    inner join cibles
        on
            territoires_logement.echelle = cibles.echelle
            and territoires_logement.code_territoire = cibles.code_territoire
    where faits_propositions.mesure = 'mises_a_disposition'
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
