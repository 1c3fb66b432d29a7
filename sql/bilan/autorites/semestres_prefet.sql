-- Baux signés hors QPV de chaque semestre sur les territoires tenus au quota, avec ce qui relève du premier quartile :
-- le fichier dû au préfet dans les quinze jours qui suivent le 30 juin et le 31 décembre.
-- Source : CCH L.441-1 al. 24, 26, 33 et 34.
-- Grain : un EPCI et un semestre commencé, pour le bailleur.
-- Clé : code_reservataire, code_epci, semestre
with

epcis as (
    select distinct
        territoires_quotas.code_epci,
        territoires_quotas.libelle_epci
    from intermediaire.parc
    inner join ref.territoires_quotas on parc.code_epci = territoires_quotas.code_epci
),

semestres as (
    select
        numeros.semestre,
        make_date(exercice.annee, 6 * numeros.semestre - 5, 1) as date_debut,
        if(numeros.semestre = 1, least(exercice.date_fin, make_date(exercice.annee, 6, 30)), exercice.date_fin)
            as date_fin
    from (values (1), (2)) as numeros (semestre)
    cross join ref.exercice
    where exercice.date_fin >= make_date(exercice.annee, 6 * numeros.semestre - 5, 1)
),

baux as (
    select
        caracteristiques.epci as code_epci,
        champs_quotas.date_evenement,
        champs_quotas.est_localise,
        champs_quotas.est_conforme
    from intermediaire.champs_quotas
    inner join intermediaire.caracteristiques on champs_quotas.id_logement = caracteristiques.id_logement
    where champs_quotas.quota = 'premier_quartile_hors_qpv' and champs_quotas.code_reservataire = '_bailleur'
),

comptes as (
    select
        epcis.code_epci,
        epcis.libelle_epci,
        semestres.semestre,
        semestres.date_fin,
        count(*) filter (where baux.est_localise) as total,
        count(*) filter (where baux.est_localise and baux.est_conforme) as conformes,
        count(*) filter (where baux.est_localise and baux.est_conforme is null) as inconnus,
        count(*) filter (where not baux.est_localise) as non_localises
    from epcis
    cross join semestres
    left join baux
        on
            epcis.code_epci = baux.code_epci
            and baux.date_evenement between semestres.date_debut and semestres.date_fin
    group by all
)

select
    '_bailleur' as code_reservataire,
    comptes.code_epci,
    comptes.libelle_epci,
    comptes.semestre,
    comptes.date_fin as date_arrete,
    comptes.total,
    comptes.conformes,
    comptes.inconnus,
    comptes.non_localises,
    cast(100 * comptes.conformes / nullif(comptes.total, 0) as decimal(9, 6)) as part_pct,
    cast(quotas.seuil_pct as decimal(9, 6)) as seuil_pct,
    greatest(
        cast(ceil((comptes.total + comptes.non_localises) * cast(quotas.seuil_pct as decimal(9, 6)) / 100) as bigint)
        - comptes.conformes,
        0
    ) as manque_au_plus
from comptes
inner join ref.quotas on quotas.quota = 'premier_quartile_hors_qpv'
