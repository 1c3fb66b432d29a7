-- Part de l'État dans le flux observé, sur le périmètre, dans chaque commune et hors QPV, pour le bailleur, les EPCI et
-- les conventions de l'État : propositions et flux sur les mêmes logements, ceux du parc soumis.
-- Source : CCH R.441-5-2 ; contrat, « Flux observé ».
-- Grain : un bilan, une dimension et une modalité.
-- Clé : code_reservataire, dimension, modalite
with

fournies as (
    select
        bool_or(est_fournie) filter (where table_metier = 'liberations') as liberations_fournies,
        bool_or(est_fournie) filter (where table_metier = 'attributions') as attributions_fournies
    from ref.tables_fournies
),

-- le total existe même quand il ne s'est rien passé
cases as (
    select
        code_reservataire,
        dimension,
        modalite
    from intermediaire.flux_observe
    where dimension in ('total', 'commune', 'qpv')
    union
    select
        code_reservataire,
        'total' as dimension,
        'total' as modalite
    from bilan.entetes
),

flux as (
    select
        cases.code_reservataire,
        cases.dimension,
        cases.modalite,
        coalesce(libelles_modalites.libelle_modalite, cases.modalite) as libelle_modalite,
        100 * dimensions.ordre + coalesce(libelles_modalites.ordre, 50) as ordre,
        if(fournies.liberations_fournies, coalesce(flux_observe.liberations, 0), null) as liberations,
        if(fournies.attributions_fournies, coalesce(flux_observe.hors_flux, 0), null) as hors_flux,
        coalesce(flux_observe.proposes_prioritaires, 0) as proposes_prioritaires,
        coalesce(flux_observe.proposes_agents, 0) as proposes_agents
    from cases
    cross join fournies
    inner join bilan.entetes on cases.code_reservataire = entetes.code_reservataire
    inner join ref.tables_fournies on tables_fournies.table_metier = 'propositions' and tables_fournies.est_fournie
    inner join ref.dimensions on cases.dimension = dimensions.dimension
    left join intermediaire.libelles_modalites
        on cases.dimension = libelles_modalites.dimension and cases.modalite = libelles_modalites.modalite
    left join intermediaire.flux_observe
        on
            cases.code_reservataire = flux_observe.code_reservataire
            and cases.dimension = flux_observe.dimension
            and cases.modalite = flux_observe.modalite
    where entetes.nature_bilan <> 'reservataire' or entetes.type_reservataire like 'etat_%'
),

observes as (
    select
        *,
        if(liberations is null or hors_flux is null, null, greatest(liberations - hors_flux, 0)) as flux_observe,
        proposes_prioritaires + proposes_agents as proposes_etat,
        case
            when dimension <> 'qpv' then 'etat'
            when modalite = 'hors_qpv' then 'etat_hors_qpv'
        end as quota
    from flux
),

seuils as (
    select * replace (cast(seuil_pct as decimal(9, 6)) as seuil_pct)
    from ref.quotas
),

evalues as (
    select
        observes.*,
        seuils.sens,
        seuils.source,
        seuils.seuil_pct,
        observes.proposes_etat
        - cast(ceil(observes.flux_observe * seuils.seuil_pct / 100) as bigint) as ecart_logements,
        observes.proposes_agents
        - cast(ceil(observes.flux_observe * agents.seuil_pct / 100) as bigint) as agents_de_trop
    from observes
    left join seuils on observes.quota = seuils.quota
    left join seuils as agents on agents.quota = 'etat_agents'
)

select
    code_reservataire,
    dimension,
    modalite,
    libelle_modalite,
    ordre,
    liberations,
    hors_flux,
    flux_observe,
    proposes_prioritaires,
    proposes_agents,
    proposes_etat,
    part_pct(proposes_etat, flux_observe) as part_pct,
    part_pct(proposes_agents, flux_observe) as part_agents_pct,
    seuil_pct,
    ecart_logements,
    case
        when quota is null then ''
        when flux_observe is null then 'Non fourni'
        when flux_observe = 0 and proposes_etat = 0 then 'Sans objet : aucun logement à répartir'
        when sens = 'au_plus' and ecart_logements > 0 then 'Au-delà du plafond : ' || ecart_logements || ' de trop'
        when sens = 'au_plus' then 'Dans la limite, à un logement près'
        when ecart_logements < 0 then 'Non atteint : il manque ' || -ecart_logements
        else 'Atteint'
    end as conclusion,
    case
        when dimension <> 'total' or flux_observe is null or flux_observe = 0 then ''
        when agents_de_trop > 0 then 'Au-delà du plafond : ' || agents_de_trop || ' de trop'
        else 'Dans la limite, à un logement près'
    end as conclusion_agents,
    source
from evalues
where dimension <> 'commune' or liberations > 0 or hors_flux > 0 or proposes_etat > 0
