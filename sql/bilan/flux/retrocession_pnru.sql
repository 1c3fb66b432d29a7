-- Droits rétrocédés par l'État à Action Logement au titre du PNRU : taux, dates, logements, et qui les reçoit sur le
-- territoire, en moyenne du parc soumis.
-- Source : [003] art. 4 c.
-- Grain : un bilan et une convention de l'État.
-- Clé : code_reservataire, id_convention
with

departements as (
    select
        conventions.*,
        calcul_flux.h,
        case conventions.echelle
            when 'departement' then conventions.code_territoire
            when 'commune' then departement_de(conventions.code_territoire)
        end as code_departement
    from intermediaire.conventions_datees as conventions
    inner join intermediaire.calcul_flux
        on conventions.id_convention = calcul_flux.id_convention and calcul_flux.usage = 'annexe'
    where conventions.taux_retrocession_pct > 0
),

regions as (
    select
        departements.*,
        retrocessions_pnru.source,
        cast(replace(retrocessions_pnru.taux_pct, ',', '.') as decimal(9, 6)) as taux_region_pct,
        cast(retrocessions_pnru.date_debut as date) as date_debut_retrocession,
        cast(
            cast(retrocessions_pnru.date_debut as date) + to_years(retrocessions_pnru.nb_annees) - interval 1 day
            as date
        ) as date_fin_retrocession
    from departements
    left join ref.departements as codes on departements.code_departement = codes.code_departement
    left join ref.retrocessions_pnru on codes.code_region = retrocessions_pnru.code_region
),

volumes as (
    select
        id_convention,
        part_de(h, millioniemes(taux_retrocession_pct), 100000000) as volume
    from regions
),

receveurs as (
    select
        perimetres_lieux.id_convention,
        part_pct(
            sum(retrocessions.nb_soumis * retrocessions.points_recus_pct), sum(retrocessions.nb_soumis) * 100
        ) as points_recus_pct,
        coalesce(
            array_to_string(list_sort(list(distinct nullif(retrocessions.beneficiaires, ''))), ', '), ''
        ) as beneficiaires
    from intermediaire.perimetres_lieux
    inner join intermediaire.retrocessions on perimetres_lieux.id_lieu = retrocessions.id_lieu
    where perimetres_lieux.usage = 'annexe'
    group by perimetres_lieux.id_convention
),

concernes as (
    select
        regions.id_convention,
        unnest([regions.code_reservataire, '_bailleur', als.code_reservataire]) as code_reservataire
    from regions
    left join intermediaire.conventions as als
        on
            als.type_reservataire = 'action_logement'
            and (
                als.echelle = 'bailleur'
                or (regions.echelle = als.echelle and regions.code_territoire = als.code_territoire)
            )
)

select distinct
    concernes.code_reservataire,
    regions.id_convention,
    regions.code_reservataire as reservataire,
    regions.libelle,
    regions.taux_pct,
    regions.taux_retrocession_pct,
    regions.taux_pct - regions.taux_retrocession_pct as taux_net_pct,
    en_decimal(volumes.volume) as logements,
    coalesce(receveurs.points_recus_pct, 0) as points_recus_pct,
    coalesce(receveurs.beneficiaires, '') as beneficiaires,
    regions.date_debut_retrocession,
    regions.date_fin_retrocession,
    case
        when coalesce(receveurs.points_recus_pct, 0) = 0 then 'Ces points ne sont reçus par personne'
        when regions.date_debut_retrocession is null
            then 'Dates non fournies : la région n''est pas dans sql/ref/retrocessions_pnru.csv'
        when regions.taux_region_pct <> regions.taux_retrocession_pct
            then
                'Taux différent de celui de la région : '
                || replace(cast(round(regions.taux_region_pct, 2) as varchar), '.', ',') || ' %'
        when exercice.date_fin < regions.date_debut_retrocession or exercice.date_debut > regions.date_fin_retrocession
            then 'Hors de la période de rétrocession'
        else
            'En cours, année ' || (exercice.annee - year(regions.date_debut_retrocession) + 1)
            || ' sur ' || (year(regions.date_fin_retrocession) - year(regions.date_debut_retrocession) + 1)
    end as conclusion,
    coalesce(regions.source, '[003] art. 4 c') as source
from concernes
inner join regions on concernes.id_convention = regions.id_convention
inner join volumes on concernes.id_convention = volumes.id_convention
left join receveurs on concernes.id_convention = receveurs.id_convention
cross join ref.exercice
where concernes.code_reservataire is not null
