-- Logements proposés, attribués et loués du périmètre de chaque bilan, avec le réservataire à qui l'événement est.
-- Source : CCH R.441-5-1 ; contrat, `repartition_`.
-- Grain : un bilan, une mesure, un réservataire, un logement, un public et un quartile.
-- Clé : code_bilan, mesure, titulaire, id_logement, public, quartile
-- Forme : vue
with

evenements as (
    select
        mesure,
        coalesce(reservataire, 'non_reserve') as titulaire,
        id_logement,
        public,
        quartile,
        count(*) as nombre
    from (
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
    ) as faits
    where mesure in ('proposes', 'attribues', 'mises_a_disposition', 'attributions', 'baux_signes', 'refus')
    group by all
)

select
    bilans_logement.code_reservataire as code_bilan,
    evenements.titulaire,
    evenements.mesure,
    evenements.id_logement,
    evenements.public,
    evenements.quartile,
    evenements.nombre
from evenements
inner join intermediaire.bilans_logement on evenements.id_logement = bilans_logement.id_logement
