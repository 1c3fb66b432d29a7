-- Logements entre lesquels le bailleur a pu choisir pour un réservataire : libérés dans l'exercice sur son
-- périmètre, ou qui lui y ont été proposés.
-- Grain : un réservataire et un logement.
-- Clé : code_reservataire, id_logement
-- Forme : vue
with

cites as (
    select
        code_reservataire,
        id_logement,
        mesure
    from intermediaire.faits_liberations
    where mesure = 'liberations'
    union all
    select
        code_reservataire,
        id_logement,
        mesure
    from intermediaire.faits_propositions
    where mesure = 'mises_a_disposition'
)

select
    cites.code_reservataire,
    cites.id_logement,
    bool_or(cites.mesure = 'liberations') as est_libere,
    bool_or(cites.mesure = 'mises_a_disposition') as est_propose
from cites
inner join intermediaire.bilans_logement
    on
        cites.code_reservataire = bilans_logement.code_reservataire
        and cites.id_logement = bilans_logement.id_logement
        and bilans_logement.nature_bilan = 'reservataire'
group by cites.code_reservataire, cites.id_logement
