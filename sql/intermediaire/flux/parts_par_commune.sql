-- Parts cumulées des réservataires dont le territoire comprend la commune ; ce qui reste est au bailleur.
-- Source : note de domaine, section 6.
-- Grain : une commune du parc de l'annexe.
-- Clé : code_commune
with

communes as (
    select
        parc.code_commune,
        count(*) as nb_logements
    from intermediaire.parc
    inner join intermediaire.millesimes on parc.millesime = millesimes.millesime and millesimes.usage = 'annexe'
    group by parc.code_commune
),

par_convention as (
    select
        parc.code_commune,
        calcul_flux.id_convention,
        any_value(calcul_flux.code_reservataire) as code_reservataire,
        any_value(calcul_flux.i) as i
    from intermediaire.perimetres
    inner join intermediaire.millesimes on perimetres.millesime = millesimes.millesime and millesimes.usage = 'annexe'
    inner join intermediaire.parc
        on perimetres.millesime = parc.millesime and perimetres.id_logement = parc.id_logement
    inner join intermediaire.calcul_flux on perimetres.id_convention = calcul_flux.id_convention
    where calcul_flux.nature_bilan = 'reservataire' and calcul_flux.i is not null
    group by parc.code_commune, calcul_flux.id_convention
),

cumuls as (
    select
        code_commune,
        cumul(list(i order by id_convention)) as part_cumulee,
        string_agg(code_reservataire, ', ' order by code_reservataire) as reservataires
    from par_convention
    group by code_commune
)

select
    communes.code_commune,
    communes.nb_logements,
    coalesce(cumuls.part_cumulee, fraction(0, 1)) as part_cumulee,
    coalesce(cumuls.reservataires, '') as reservataires
from communes
left join cumuls using (code_commune)
where communes.code_commune is not null
