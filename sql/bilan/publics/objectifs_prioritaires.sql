-- Nombre prévisionnel de ménages prioritaires à loger l'année suivante sur le flux de chaque réservataire : un quart,
-- ou tout le contingent de l'État pour les publics prioritaires.
-- Source : CCH L.441-1 al. 39 et L.313-26-2, [003] art. 4 b et d.
-- Grain : un bilan et un réservataire qui doit une part de ses attributions aux prioritaires.
-- Clé : code_reservataire, code_titulaire
with

titulaires as (
    select
        entetes.code_reservataire,
        entetes.libelle,
        entetes.ordre,
        if(entetes.type_reservataire = 'etat_prioritaires', 'prioritaires_etat', 'prioritaires') as quota
    from bilan.entetes
    inner join ref.types_reservataire on entetes.type_reservataire = types_reservataire.type_reservataire
    left join ref.contingents on types_reservataire.famille = contingents.contingent
    where entetes.type_reservataire = 'etat_prioritaires' or contingents.quota_prioritaires = 'oui'
)

select
    unnest([titulaires.code_reservataire, '_bailleur']) as code_reservataire,
    titulaires.code_reservataire as code_titulaire,
    titulaires.libelle as libelle_reservataire,
    titulaires.ordre,
    lignes_flux.valeur as flux_suivant,
    cast(quotas.seuil_pct as decimal(9, 6)) as seuil_pct,
    cast(lignes_flux.valeur as decimal(24, 6)) * cast(quotas.seuil_pct as decimal(5, 2)) * cast(0.01 as decimal(3, 2))
        as objectif_prioritaires,
    cast(ceil(objectif_prioritaires) as bigint) as nb_prioritaires_attendus,
    quotas.source
from titulaires
inner join ref.quotas on titulaires.quota = quotas.quota
left join bilan.lignes_flux
    on titulaires.code_reservataire = lignes_flux.code_reservataire and lignes_flux.ligne = 'j'
