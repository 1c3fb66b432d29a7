-- Moyennes annuelles de N-2 à N, sur les années que le fichier contient, et la période qu'elles couvrent : attributions
-- en flux, et attributions directes du bailleur à des candidats d'Action Logement.
-- Source : [000] art. 4-1 et annexe 3, 4.1.
-- Grain : un réservataire.
-- Clé : code_reservataire
with

attribuees as (
    select
        candidatures.code_reservataire,
        candidatures.id_logement,
        candidatures.date_caleol,
        bool_or(coalesce(candidatures.designataire, '') = 'bailleur') as est_directe
    from intermediaire.candidatures
    inner join ref.exercice
        on candidatures.date_caleol between make_date(exercice.annee - 2, 1, 1) and exercice.date_fin
    where candidatures.est_dans_flux
    group by candidatures.code_reservataire, candidatures.id_logement, candidatures.date_caleol
),

annees as (
    select
        count(distinct year(date_caleol)) as nb_annees,
        min(date_caleol) as premiere,
        max(date_caleol) as derniere
    from attribuees
)

select
    attribuees.code_reservataire,
    count(*) as nb_attributions,
    annees.nb_annees,
    part_de(count(*), 1, annees.nb_annees) as moyenne,
    part_de(count(*) filter (where attribuees.est_directe), 1, annees.nb_annees) as moyenne_directes,
    annees.nb_annees || ' année(s) dans le fichier, du ' || strftime(annees.premiere, '%d/%m/%Y') || ' au '
    || strftime(annees.derniere, '%d/%m/%Y') as periode
from attribuees
cross join annees
where attribuees.code_reservataire is not null
group by attribuees.code_reservataire, annees.nb_annees, annees.premiere, annees.derniere
