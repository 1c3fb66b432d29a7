-- Quotas légaux d'attribution, avec ce qui est connu, ce qui ne l'est pas et ce qui manque, au moins et au plus.
-- Source : CCH L.441-1 al. 24 à 27, 39 et 43 ; [003] art. 4 b.
-- Grain : un bilan, un quota, un contingent et une portée (territoires tenus au quota, ou pour information).
-- Clé : code_reservataire, quota, contingent, portee
with

attendus as (
    select
        entetes.code_reservataire,
        quotas.quota,
        if(quotas.quota like 'prioritaires%', contingents.contingent, '') as contingent,
        'obligatoire' as portee
    from bilan.entetes
    cross join ref.quotas
    cross join ref.contingents
    inner join ref.tables_fournies on tables_fournies.table_metier = 'attributions' and tables_fournies.est_fournie
    left join ref.types_reservataire on entetes.type_reservataire = types_reservataire.type_reservataire
    where
        quotas.quota like '%_quartile_%'
        or (
            quotas.quota in ('prioritaires', 'prioritaires_baux')
            and contingents.quota_prioritaires = 'oui'
            and coalesce(types_reservataire.famille = contingents.contingent, entetes.nature_bilan <> 'reservataire')
        )
        or (
            quotas.quota = 'prioritaires_etat'
            and contingents.contingent = 'etat'
            and coalesce(entetes.type_reservataire = 'etat_prioritaires', entetes.nature_bilan <> 'reservataire')
        )
    group by all
),

champs as (
    select
        code_reservataire,
        quota,
        contingent,
        portee,
        count(*) filter (where est_localise) as total,
        count(*) filter (where est_localise and est_conforme) as conformes,
        count(*) filter (where est_localise and est_conforme is null) as inconnus,
        count(*) filter (where est_localise and public = 'dalo') as dont_dalo,
        count(*) filter (where est_localise and est_reprise) as dont_reprises,
        count(*) filter (where not est_localise) as non_localises,
        count(*) filter (where not est_localise and est_conforme) as non_localises_conformes,
        count(*) filter (where not est_localise and est_conforme is null) as non_localises_inconnus
    from intermediaire.champs_quotas
    group by code_reservataire, quota, contingent, portee
),

cles as (
    select * from attendus
    union
    select
        champs.code_reservataire,
        champs.quota,
        champs.contingent,
        champs.portee
    from champs
    semi join attendus
        on
            champs.code_reservataire = attendus.code_reservataire
            and champs.quota = attendus.quota
            and champs.contingent = attendus.contingent
),

comptes as (
    select
        cles.code_reservataire,
        cles.quota,
        cles.contingent,
        cles.portee,
        coalesce(champs.total, 0) as total,
        coalesce(champs.conformes, 0) as conformes,
        coalesce(champs.inconnus, 0) as inconnus,
        coalesce(champs.dont_dalo, 0) as dont_dalo,
        coalesce(champs.dont_reprises, 0) as dont_reprises,
        coalesce(champs.non_localises, 0) as non_localises,
        coalesce(champs.non_localises_conformes, 0) as non_localises_conformes,
        coalesce(champs.non_localises_inconnus, 0) as non_localises_inconnus
    from cles
    left join champs
        on
            cles.code_reservataire = champs.code_reservataire
            and cles.quota = champs.quota
            and cles.contingent = champs.contingent
            and cles.portee = champs.portee
),

seuils as (
    select
        quota,
        ordre,
        libelle,
        base,
        source,
        cast(seuil_pct as decimal(9, 6)) as seuil_pct
    from ref.quotas
),

-- au plus : les inconnus ne comptent pas, et ce qui n'est pas localisé sans compter est dans le champ ;
-- au moins : les inconnus comptent, et ce qui n'est pas localisé et compterait est dans le champ
bornes as (
    select
        comptes.*,
        seuils.ordre,
        seuils.libelle,
        seuils.base,
        seuils.source,
        seuils.seuil_pct,
        cast(
            ceil(
                (comptes.total + comptes.non_localises - comptes.non_localises_conformes) * seuils.seuil_pct / 100
            ) as bigint
        ) - comptes.conformes as pire_cas,
        cast(
            ceil(
                (comptes.total + comptes.non_localises_conformes + comptes.non_localises_inconnus)
                * seuils.seuil_pct / 100
            ) as bigint
        )
        - comptes.conformes
        - comptes.inconnus
        - comptes.non_localises_conformes
        - comptes.non_localises_inconnus as meilleur_cas
    from comptes
    inner join seuils on comptes.quota = seuils.quota
),

evalues as (
    select
        bornes.*,
        greatest(bornes.meilleur_cas, 0) as manque_au_moins,
        greatest(bornes.pire_cas, 0) as manque_au_plus
    from bornes
)

select
    evalues.code_reservataire,
    evalues.quota,
    evalues.contingent,
    evalues.portee,
    evalues.ordre * 20 + coalesce(contingents.ordre, 0) * 2 + if(evalues.portee = 'obligatoire', 0, 1) as ordre,
    evalues.libelle || coalesce(' – ' || contingents.libelle, '')
    || if(evalues.portee = 'obligatoire', '', ' – autres territoires, pour information') as libelle,
    evalues.base,
    evalues.total,
    evalues.conformes,
    evalues.dont_dalo,
    evalues.dont_reprises,
    evalues.inconnus,
    evalues.non_localises,
    part_pct(evalues.conformes, evalues.total) as part_pct,
    evalues.seuil_pct,
    evalues.manque_au_moins,
    evalues.manque_au_plus,
    case
        when evalues.total = 0 and evalues.non_localises = 0 then 'Sans objet : aucun logement dans ce champ'
        when evalues.manque_au_plus = 0 then 'Atteint'
        when evalues.manque_au_moins = 0
            then
                'Indéterminé : ' || (evalues.inconnus + evalues.non_localises)
                || ' non renseigné(s), il manque ' || evalues.manque_au_plus || ' au plus'
        when evalues.manque_au_moins < evalues.manque_au_plus
            then 'Non atteint : il manque de ' || evalues.manque_au_moins || ' à ' || evalues.manque_au_plus
        else 'Non atteint : il manque ' || evalues.manque_au_plus
    end as conclusion,
    evalues.source
from evalues
left join ref.contingents on evalues.contingent = contingents.contingent
