-- Attributions et baux de l'exercice dans le champ de chaque quota légal : conformes, non conformes, ou
-- inconnus (vide). Un acte dont la localisation est inconnue reste visible. Ce que le préfet attribue après une
-- injonction n'est d'aucun contingent.
-- Source : CCH L.441-1 al. 24 à 27, 39 et 43, L.313-26-2 ; [003] art. 4 b.
-- Grain : un acte dans le champ d'un quota.
-- Clé : code_reservataire, quota, acte, id_logement, date_evenement
with

-- le logement que le bailleur attribue après l'échec des candidats du réservataire est dans le quart du bailleur
reprises as (
    select distinct
        actes_caleol.code_reservataire,
        actes_caleol.acte,
        actes_caleol.id_logement,
        actes_caleol.date_evenement
    from intermediaire.actes_caleol
    inner join intermediaire.echecs_attribution
        on
            actes_caleol.id_logement = echecs_attribution.id_logement
            and actes_caleol.date_caleol >= echecs_attribution.date_caleol
            and coalesce(actes_caleol.reservataire = echecs_attribution.code_reservataire, true)
            and coalesce(actes_caleol.date_caleol <= echecs_attribution.date_bail_suivant, true)
    where
        actes_caleol.acte <> 'presentation'
        and (actes_caleol.reservataire is null or actes_caleol.designataire = 'bailleur')
),

actes as (
    select
        actes_caleol.* exclude (contingent),
        if(reprises.id_logement is not null, 'non_reserve', actes_caleol.contingent) as contingent,
        reprises.id_logement is not null as est_reprise,
        caracteristiques.qpv,
        coalesce(categories.compte_premier_quartile = 'oui', false) as est_relogement_compte,
        if(actes_caleol.public = 'non_renseigne', null, actes_caleol.public <> 'autre') as est_prioritaire,
        -- les deux premiers quotas n'obligent que les territoires de L.441-1 al. 24 (liste modifiable)
        if(
            territoires_quotas.code_epci is not null or caracteristiques.epci = 'non_renseigne',
            'obligatoire',
            'pour information'
        ) as portee
    from intermediaire.actes_caleol
    inner join intermediaire.caracteristiques on actes_caleol.id_logement = caracteristiques.id_logement
    left join reprises
        on
            actes_caleol.code_reservataire = reprises.code_reservataire
            and actes_caleol.acte = reprises.acte
            and actes_caleol.id_logement = reprises.id_logement
            and actes_caleol.date_evenement = reprises.date_evenement
    left join ref.categories on actes_caleol.categorie = categories.categorie
    left join ref.territoires_quotas on caracteristiques.epci = territoires_quotas.code_epci
    where actes_caleol.acte <> 'presentation'
)

select
    code_reservataire,
    'premier_quartile_hors_qpv' as quota,
    '' as contingent,
    portee,
    acte,
    id_logement,
    date_evenement,
    qpv <> 'non_renseigne' as est_localise,
    public,
    est_reprise,
    -- les relogés d'un renouvellement urbain ou d'une ORCOD comptent comme le premier quartile (CCH L.441-1 al. 26)
    if(est_relogement_compte, true, est_premier_quartile) as est_conforme
from actes
where acte = 'bail' and qpv <> 'en_qpv'
union all
select
    code_reservataire,
    'hors_premier_quartile_qpv' as quota,
    '' as contingent,
    portee,
    acte,
    id_logement,
    date_evenement,
    qpv <> 'non_renseigne' as est_localise,
    public,
    est_reprise,
    not est_premier_quartile as est_conforme
from actes
where acte = 'attribution' and qpv <> 'hors_qpv'
union all
select
    code_reservataire,
    if(acte = 'bail', 'prioritaires_baux', 'prioritaires') as quota,
    contingent,
    'obligatoire' as portee,
    acte,
    id_logement,
    date_evenement,
    true as est_localise,
    public,
    est_reprise,
    est_prioritaire as est_conforme
from actes
where categorie <> 'injonction_prefet'
union all
select
    code_reservataire,
    'prioritaires_etat' as quota,
    contingent,
    'obligatoire' as portee,
    acte,
    id_logement,
    date_evenement,
    true as est_localise,
    public,
    est_reprise,
    est_prioritaire as est_conforme
from actes
where
    acte = 'attribution'
    and categorie <> 'injonction_prefet'
    and type_reservataire = 'etat_prioritaires'
    and contingent = 'etat'
