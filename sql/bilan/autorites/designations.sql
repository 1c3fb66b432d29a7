-- Candidats désignés, par département du logement et par qui les a désignés : le bilan annuel rendu public (avec
-- le secret de la version publique).
-- Source : CCH L.441-1 al. 21.
-- Grain : un département et un contingent, ou le total de l'un, de l'autre ou des deux ; pour le bailleur.
-- Clé : code_reservataire, code_departement, contingent
with

presentations as (
    select
        coalesce(caracteristiques.code_departement, 'non_renseigne') as code_departement,
        actes_caleol.contingent
    from intermediaire.actes_caleol
    inner join intermediaire.caracteristiques on actes_caleol.id_logement = caracteristiques.id_logement
    where actes_caleol.acte = 'presentation' and actes_caleol.code_reservataire = '_bailleur'
),

comptes as (
    select
        coalesce(code_departement, 'total') as code_departement,
        coalesce(contingent, 'total') as contingent,
        count(*) as designes
    from presentations
    group by cube (code_departement, contingent)
)

select
    '_bailleur' as code_reservataire,
    comptes.code_departement,
    case comptes.code_departement
        when 'total' then 'Ensemble'
        when 'non_renseigne' then 'Non renseigné'
        else coalesce(departements.libelle_departement, comptes.code_departement)
    end as libelle_departement,
    comptes.contingent,
    case comptes.contingent
        when 'total' then 'Ensemble'
        when 'non_reserve' then 'Bailleur (logements non réservés)'
        else coalesce(contingents.libelle, comptes.contingent)
    end as libelle_contingent,
    if(comptes.code_departement = 'total', 1000, 0)
    + coalesce(contingents.ordre, if(comptes.contingent = 'total', 99, 50))
        as ordre,
    comptes.designes
from comptes
left join ref.departements on comptes.code_departement = departements.code_departement
left join ref.contingents on comptes.contingent = contingents.contingent
where comptes.designes > 0
