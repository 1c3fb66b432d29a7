-- Convention qui s'applique sur chaque territoire de chaque réservataire, à la date de chaque usage : fin de
-- l'exercice, bilan (1er janvier N), annexe (1er janvier N+1), état des lieux ; la première à commencer quand
-- aucune du réservataire n'a commencé.
-- Source : contrat, « Several conventions of one code » et « From one convention to the next ».
-- Grain : un usage et une convention.
-- Clé : usage, id_convention
with

usages as (
    select
        'exercice' as usage,
        date_fin as date_usage
    from ref.exercice
    union all
    select
        'bilan' as usage,
        make_date(annee, 1, 1) as date_usage
    from ref.exercice
    union all
    select
        'annexe' as usage,
        make_date(annee + 1, 1, 1) as date_usage
    from ref.exercice
    union all
    select
        'etat' as usage,
        date_etat_des_lieux as date_usage
    from ref.etat_des_lieux
    union all
    select
        'etat_precedent' as usage,
        date_etat_precedent as date_usage
    from ref.etat_des_lieux
),

effectives as (
    select * from intermediaire.conventions_datees
    where debut_effet is not null
),

premieres as (
    select
        code_reservataire,
        min(debut_effet) as premier_debut
    from effectives
    group by code_reservataire
)

select
    usages.usage,
    usages.date_usage,
    effectives.id_convention,
    effectives.code_reservataire,
    effectives.echelle,
    effectives.code_territoire,
    effectives.profil,
    premieres.premier_debut > usages.date_usage as est_anticipee,
    row_number() over (
        partition by usages.usage, effectives.code_reservataire
        order by effectives.rang_echelle, effectives.code_territoire
    ) as numero
from effectives
inner join premieres on effectives.code_reservataire = premieres.code_reservataire
cross join usages
where
    greatest(usages.date_usage, premieres.premier_debut) between effectives.debut_effet and effectives.fin_effet
