-- Logements entre lesquels le bailleur a pu choisir pour un réservataire : libérés dans l'exercice sur son
-- périmètre, ou qui lui y ont été proposés.
-- Grain : un réservataire et un logement.
-- Clé : code_reservataire, id_logement
with

territoires as (
    select distinct
        bilans.code_reservataire,
        territoires_logement.id_logement
    from intermediaire.bilans
    inner join intermediaire.territoires_logement
        on
            bilans.echelle = territoires_logement.echelle
            and bilans.code_territoire = territoires_logement.code_territoire
    where bilans.nature_bilan = 'reservataire'
),

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
    territoires.code_reservataire,
    territoires.id_logement,
    bool_or(cites.mesure = 'liberations') as est_libere,
    bool_or(cites.mesure = 'mises_a_disposition') as est_propose
from territoires
inner join cites
    on territoires.code_reservataire = cites.code_reservataire and territoires.id_logement = cites.id_logement
group by territoires.code_reservataire, territoires.id_logement
