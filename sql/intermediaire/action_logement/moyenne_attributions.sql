-- Moyenne annuelle des attributions en flux de N-2 à N, sur les années que le fichier contient.
-- Source : [000] art. 4-1.
-- Grain : un réservataire.
-- Clé : code_reservataire
with

attribuees as (
    select distinct
        candidatures.code_reservataire,
        candidatures.id_logement,
        candidatures.date_caleol
    from intermediaire.candidatures
    inner join ref.exercice
        on candidatures.date_caleol between make_date(exercice.annee - 2, 1, 1) and exercice.date_fin
    where candidatures.est_dans_flux
),

annees as (
    select count(distinct year(date_caleol)) as nb_annees
    from attribuees
)

select
    attribuees.code_reservataire,
    count(*) as nb_attributions,
    annees.nb_annees,
    part_de(count(*), 1, annees.nb_annees) as moyenne
from attribuees
cross join annees
where attribuees.code_reservataire is not null
group by attribuees.code_reservataire, annees.nb_annees
