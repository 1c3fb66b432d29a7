-- Courriers et actes que la convention ou la loi demandent : avenant annuel, part d'Action Logement communiquée au
-- préfet avant le 31 janvier, envoi d'une nouvelle convention au préfet et, sur les territoires de L.441-1 al. 24, à l'EPCI ; aucun à un point d'étape.
-- Source : [001] art. 9 et 12, CCH R.441-5 II, [003] art. 4 d, [000] art. 3, [004] art. 3.
-- Grain : un réservataire et un courrier.
-- Clé : code_reservataire, courrier, destinataire
with

conventions as (
    select
        conventions.code_reservataire,
        conventions.type_reservataire,
        conventions.options,
        conventions.date_debut,
        conventions.echelle,
        conventions.code_territoire,
        -- nouvelle : elle commence dans l'exercice ou dans l'année de l'annexe
        coalesce(year(conventions.date_debut) between exercice.annee and exercice.annee + 1, false) as est_nouvelle
    from intermediaire.conventions
    inner join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
    cross join ref.exercice
    where types_reservataire.sans_objectif = 'non' and not exercice.est_provisoire and conventions.numero = 1
),

epcis as (
    select
        communes.code_epci,
        communes.code_commune,
        communes.code_departement,
        communes.libelle_epci
    from ref.communes
    inner join ref.territoires_quotas on communes.code_epci = territoires_quotas.code_epci
    where communes.code_commune in (select parc.code_commune from intermediaire.parc)
)

select
    code_reservataire,
    'avenant' as courrier,
    '' as destinataire
from conventions
where list_contains(options, 'renouvellement_par_avenant')
union all
select
    code_reservataire,
    'note_prefet' as courrier,
    'Préfecture' as destinataire
from conventions
where type_reservataire = 'action_logement'
union all
select
    code_reservataire,
    'lettre_prefet' as courrier,
    'Préfecture' as destinataire
from conventions
where est_nouvelle
union all
select distinct
    conventions.code_reservataire,
    'lettre_epci' as courrier,
    epcis.libelle_epci as destinataire
from conventions
inner join epcis
    on
        case conventions.echelle
            when 'commune' then conventions.code_territoire = epcis.code_commune
            when 'epci' then conventions.code_territoire = epcis.code_epci
            when 'departement' then conventions.code_territoire = epcis.code_departement
            else conventions.echelle = 'bailleur'
        end
where conventions.est_nouvelle
