-- Parts cumulées des réservataires dont le territoire comprend la commune ; ce qui reste est au bailleur.
-- Source : note de domaine, section 6.
-- Grain : une commune du parc de l'annexe.
-- Clé : code_commune
with

communes as (
    select
        lieux.code_commune,
        cast(sum(parc_lieux.nb_logements) as bigint) as nb_logements
    from intermediaire.parc_lieux
    inner join intermediaire.lieux on parc_lieux.id_lieu = lieux.id_lieu
    where parc_lieux.usage = 'annexe' and parc_lieux.profil = ''
    group by lieux.code_commune
),

par_convention as (
    select distinct
        lieux.code_commune,
        calcul_flux.id_convention,
        calcul_flux.code_reservataire,
        calcul_flux.i
    from intermediaire.perimetres_lieux
    inner join intermediaire.lieux on perimetres_lieux.id_lieu = lieux.id_lieu
    inner join intermediaire.calcul_flux
        on perimetres_lieux.usage = calcul_flux.usage and perimetres_lieux.id_convention = calcul_flux.id_convention
    where
        perimetres_lieux.usage = 'annexe'
        and calcul_flux.nature_bilan = 'reservataire'
        and calcul_flux.i is not null
),

cumuls as (
    select
        code_commune,
        sum(i) as part_cumulee,
        string_agg(code_reservataire, ', ' order by code_reservataire) as reservataires
    from par_convention
    group by code_commune
)

select
    communes.code_commune,
    communes.nb_logements,
    coalesce(cumuls.part_cumulee, cast(0 as decimal(38, 18))) as part_cumulee,
    coalesce(cumuls.reservataires, '') as reservataires
from communes
left join cumuls using (code_commune)
where communes.code_commune is not null
