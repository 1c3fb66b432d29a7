-- Le parc du bilan par lieu et par caractéristique : tous les logements (profil vide de motif), et ceux que chaque
-- motif exclut selon les options (profil).
-- Grain : un profil, un motif d'exclusion ou aucun, un lieu et une modalité d'une dimension.
-- Clé : profil, motif_exclusion, id_lieu, dimension, modalite
with

du_bilan as (
    select parc.*
    from intermediaire.parc
    inner join intermediaire.millesimes on parc.millesime = millesimes.millesime and millesimes.usage = 'bilan'
),

-- profil « tous » : le parc total, qui ne dépend d'aucune option
comptables as (
    select
        'tous' as profil,
        '' as motif_exclusion,
        id_lieu,
        typologie,
        financement,
        qpv,
        periode_construction,
        accessibilite
    from du_bilan
    union all
    select
        exclusions_retenues.profil,
        exclusions_retenues.motif_exclusion,
        du_bilan.id_lieu,
        du_bilan.typologie,
        du_bilan.financement,
        du_bilan.qpv,
        du_bilan.periode_construction,
        du_bilan.accessibilite
    from du_bilan
    inner join intermediaire.exclusions_retenues
        on du_bilan.id_logement = exclusions_retenues.id_logement and exclusions_retenues.usage = 'bilan'
),

regroupes as (
    select
        profil,
        motif_exclusion,
        id_lieu,
        typologie,
        financement,
        qpv,
        periode_construction,
        accessibilite,
        count(*) as nb_logements
    from comptables
    group by
        grouping sets (
            (profil, motif_exclusion, id_lieu),
            (profil, motif_exclusion, id_lieu, typologie),
            (profil, motif_exclusion, id_lieu, financement),
            (profil, motif_exclusion, id_lieu, qpv),
            (profil, motif_exclusion, id_lieu, periode_construction),
            (profil, motif_exclusion, id_lieu, accessibilite)
        )
),

-- un seul des cinq est rempli, aucun pour le total, que la commune et l'EPCI du lieu ventilent aussi
situes as (
    select
        regroupes.profil,
        regroupes.motif_exclusion,
        regroupes.id_lieu,
        regroupes.nb_logements,
        case
            when regroupes.typologie is not null then ['typologie']
            when regroupes.financement is not null then ['financement']
            when regroupes.qpv is not null then ['qpv']
            when regroupes.periode_construction is not null then ['periode_construction']
            when regroupes.accessibilite is not null then ['accessibilite']
            else ['total', 'commune', 'epci', 'public', 'quartile']
        end as dimensions,
        if(
            coalesce(
                regroupes.typologie, regroupes.financement, regroupes.qpv, regroupes.periode_construction,
                regroupes.accessibilite
            ) is null,
            [
                'total',
                coalesce(lieux.code_commune, 'non_renseigne'),
                coalesce(lieux.code_epci, 'non_renseigne'),
                'non_renseigne',
                'non_renseigne'
            ],
            [
                coalesce(
                    regroupes.typologie, regroupes.financement, regroupes.qpv, regroupes.periode_construction,
                    regroupes.accessibilite
                )
            ]
        ) as modalites
    from regroupes
    inner join intermediaire.lieux on regroupes.id_lieu = lieux.id_lieu
)

select
    profil,
    motif_exclusion,
    id_lieu,
    unnest(dimensions) as dimension,
    unnest(modalites) as modalite,
    nb_logements
from situes
