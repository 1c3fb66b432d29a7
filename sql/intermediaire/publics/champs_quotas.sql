-- Attributions et baux de l'exercice dans le champ de chaque quota légal : conformes, non conformes, ou
-- inconnus (vide). Un acte dont la localisation est inconnue reste visible.
-- Grain : un acte dans le champ d'un quota.
-- Clé : code_reservataire, quota, acte, id_logement, date_evenement
with

actes as (
    select
        actes_caleol.*,
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
    est_prioritaire as est_conforme
from actes
