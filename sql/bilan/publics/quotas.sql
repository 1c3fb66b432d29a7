-- Quotas légaux d'attribution, avec ce qui est connu, ce qui ne l'est pas et ce qui manque.
-- Source : note de domaine, section 8.
-- Grain : un bilan, un quota et un contingent.
-- Clé : code_reservataire, quota, contingent
with

attendus as (
    select
        entetes.code_reservataire,
        quotas.quota,
        if(quotas.quota like 'prioritaires%', contingents.contingent, '') as contingent
    from bilan.entetes
    cross join ref.quotas
    cross join ref.contingents
    inner join ref.tables_fournies on tables_fournies.table_metier = 'attributions' and tables_fournies.est_fournie
    left join ref.types_reservataire on entetes.type_reservataire = types_reservataire.type_reservataire
    where
        quotas.quota like '%_quartile_%'
        or (
            quotas.quota like 'prioritaires%'
            and contingents.quota_prioritaires = 'oui'
            and coalesce(types_reservataire.famille = contingents.contingent, entetes.nature_bilan <> 'reservataire')
        )
    group by all
),

comptes as (
    select
        attendus.code_reservataire,
        attendus.quota,
        attendus.contingent,
        count(champs.quota) filter (where champs.est_localise) as total,
        count(*) filter (where champs.est_conforme and champs.est_localise) as conformes,
        count(champs.quota) filter (where champs.est_conforme is null and champs.est_localise) as inconnus,
        count(*) filter (where champs.public = 'dalo' and champs.est_localise) as dont_dalo,
        count(*) filter (where not champs.est_localise) as non_localises
    from attendus
    left join intermediaire.champs_quotas as champs
        on
            attendus.code_reservataire = champs.code_reservataire
            and attendus.quota = champs.quota
            and attendus.contingent = champs.contingent
    group by attendus.code_reservataire, attendus.quota, attendus.contingent
),

seuils as (
    select * replace (cast(seuil_pct as decimal(9, 6)) as seuil_pct)
    from ref.quotas
),

evalues as (
    select
        comptes.*,
        seuils.ordre,
        seuils.libelle,
        seuils.base,
        seuils.source,
        seuils.seuil_pct,
        cast(ceil(comptes.total * seuils.seuil_pct / 100) as bigint) - comptes.conformes as manque
    from comptes
    inner join seuils on comptes.quota = seuils.quota
)

select
    evalues.code_reservataire,
    evalues.quota,
    evalues.contingent,
    evalues.ordre * 10 + coalesce(contingents.ordre, 0) as ordre,
    evalues.libelle || coalesce(' – ' || contingents.libelle, '') as libelle,
    evalues.base,
    evalues.total,
    evalues.conformes,
    evalues.dont_dalo,
    evalues.inconnus,
    evalues.non_localises,
    part_pct(evalues.conformes, evalues.total) as part_pct,
    evalues.seuil_pct,
    greatest(evalues.manque - evalues.inconnus, 0) as manque_au_moins,
    greatest(evalues.manque, 0) as manque_au_plus,
    case
        when evalues.total = 0 then 'Sans objet : aucun logement dans ce champ'
        when evalues.manque <= 0 then 'Atteint'
        when evalues.manque <= evalues.inconnus
            then 'Indéterminé : ' || evalues.inconnus || ' non renseigné(s), il manque ' || evalues.manque || ' au plus'
        when evalues.inconnus > 0
            then 'Non atteint : il manque de ' || (evalues.manque - evalues.inconnus) || ' à ' || evalues.manque
        else 'Non atteint : il manque ' || evalues.manque
    end as conclusion,
    evalues.source
from evalues
left join ref.contingents on evalues.contingent = contingents.contingent
