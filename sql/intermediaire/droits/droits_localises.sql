-- Territoire que décrit chaque droit : sa commune, à défaut son EPCI ou son département.
-- Grain : une ligne de la table droits.
-- Clé : fichier, feuille, ligne
with

epcis as (
    select
        nom_normalise(libelle_epci) as nom,
        min(code_epci) as code_epci
    from ref.communes
    where code_epci is not null
    group by nom_normalise(libelle_epci)
),

departements_epci as (
    select
        code_epci,
        list(distinct code_departement order by code_departement) as departements
    from ref.communes
    where code_epci is not null
    group by code_epci
),

departements as (
    select
        code_departement,
        nom_normalise(libelle_departement) as nom
    from ref.departements
),

ept as (
    select distinct
        code_ept,
        nom_normalise(regexp_replace(libelle_ept, ' \(.*', '')) as nom
    from ref.ept
),

-- chaque description une fois : des milliers de droits en partagent quelques-unes
descriptions as (
    select distinct
        commune,
        epci,
        departement
    from staging.droits
),

lus as (
    select
        descriptions.commune,
        descriptions.epci,
        descriptions.departement,
        if(regexp_full_match(descriptions.commune, '[0-9][0-9AB][0-9]{3}'), descriptions.commune, null) as code_insee,
        coalesce(par_code.code_departement, par_nom.code_departement) as code_departement,
        case
            when coalesce(par_siren.code_ept, ept.code_ept) is not null then null
            when regexp_full_match(descriptions.epci, '\d{9}') then descriptions.epci
            else epcis.code_epci
        end as code_epci,
        coalesce(par_siren.code_ept, ept.code_ept) as code_ept
    from descriptions
    left join ept as par_siren on descriptions.epci = par_siren.code_ept
    left join ept on nom_normalise(descriptions.epci) = ept.nom
    left join departements as par_code on descriptions.departement = par_code.code_departement
    left join departements as par_nom on nom_normalise(descriptions.departement) = par_nom.nom
    left join epcis on nom_normalise(descriptions.epci) = epcis.nom
),

cherchees as (
    select distinct
        commune,
        code_departement,
        code_epci
    from lus
),

-- les communes du nom, dans le département et l'EPCI dits
noms as (
    select
        cherchees.commune,
        cherchees.code_departement,
        cherchees.code_epci,
        count(*) as nb_homonymes,
        min(communes_par_nom.code_commune) as code_commune,
        min(communes_par_nom.code_departement) as departement_nom,
        min(communes_par_nom.code_epci) as epci_nom
    from cherchees
    inner join intermediaire.communes_par_nom on nom_normalise(cherchees.commune) = communes_par_nom.nom
    where
        coalesce(cherchees.code_departement = communes_par_nom.code_departement, true)
        and coalesce(cherchees.code_epci = communes_par_nom.code_epci, true)
    group by cherchees.commune, cherchees.code_departement, cherchees.code_epci
),

communes as (
    select
        lus.*,
        -- un code INSEE que la liste des communes ne connaît pas reste celui du fichier, comme dans le RPLS
        coalesce(codes.code_commune_actuelle, noms.code_commune, lus.code_insee) as code_commune,
        coalesce(noms.nb_homonymes, 0) as nb_homonymes,
        coalesce(codes.code_departement, departement_de(lus.code_insee)) as departement_commune,
        codes.code_epci as epci_commune,
        noms.departement_nom,
        noms.epci_nom
    from lus
    left join ref.communes as codes on lus.commune = codes.code_commune
    left join noms
        on
            if(codes.code_commune is null, lus.commune, null) = noms.commune
            and lus.code_departement is not distinct from noms.code_departement
            and lus.code_epci is not distinct from noms.code_epci
),

situes as (
    select
        communes.commune,
        communes.epci,
        communes.departement,
        if(communes.nb_homonymes > 1, null, communes.code_commune) as code_commune,
        communes.code_ept,
        coalesce(
            communes.code_epci, communes.epci_commune, if(communes.nb_homonymes > 1, null, communes.epci_nom)
        ) as code_epci,
        coalesce(
            communes.departement_commune,
            communes.code_departement,
            if(communes.nb_homonymes > 1, null, communes.departement_nom)
        ) as code_departement
    from communes
)

select
    droits.fichier,
    droits.feuille,
    droits.ligne,
    situes.code_commune,
    situes.code_epci,
    coalesce(situes.code_ept, de_la_commune.code_ept) as code_ept,
    situes.code_departement,
    if(situes.code_departement is null, departements_epci.departements, [situes.code_departement]) as departements
from staging.droits
inner join situes
    on
        droits.commune is not distinct from situes.commune
        and droits.epci is not distinct from situes.epci
        and droits.departement is not distinct from situes.departement
left join departements_epci on situes.code_epci = departements_epci.code_epci
left join ref.ept as de_la_commune on situes.code_commune = de_la_commune.code_commune
