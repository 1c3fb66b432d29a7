-- Les parts des réservataires d'une même commune dépassent 100 % (note de domaine, section 6). Grain : un groupe de communes et de conventions.
with

par_commune as (
    select
        parc.code_commune,
        calcul_flux.id_convention,
        any_value(calcul_flux.code_reservataire) as code_reservataire,
        any_value(calcul_flux.i) as i
    from intermediaire.perimetres
    inner join intermediaire.millesimes on perimetres.millesime = millesimes.millesime and millesimes.usage = 'annexe'
    inner join intermediaire.parc
        on perimetres.millesime = parc.millesime and perimetres.id_logement = parc.id_logement
    inner join intermediaire.calcul_flux using (id_convention)
    where calcul_flux.nature_bilan = 'reservataire' and calcul_flux.i is not null
    group by parc.code_commune, calcul_flux.id_convention
),

cumuls as (
    select
        code_commune,
        cumul(list(i order by id_convention)) as part,
        string_agg(code_reservataire, ', ' order by code_reservataire) as reservataires
    from par_commune
    group by code_commune
)

select
    'erreur' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'taux_pct' as colonne,
    cast(en_decimal(produit(any_value(part), fraction(100, 1))) as varchar) as valeur,
    'Les parts cumulées de ' || reservataires || ' dépassent 100 % du flux sur : '
    || string_agg(code_commune, ', ' order by code_commune) || '.' as message,
    'Revoyez les taux de ces conventions : le total des parts d''un territoire ne peut dépasser 100 %.' as correction,
    '' as code_reservataire
from cumuls
where part.n > part.d
group by reservataires
