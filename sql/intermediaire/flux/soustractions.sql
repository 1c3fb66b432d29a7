-- Soustractions prévues pour N+1 (usage annexe) et pour N (usage bilan) sur chaque territoire : directes, et
-- part du volume du bailleur au prorata de la ligne c.
-- Source : contrat, « f ».
-- Grain : un bilan, un territoire, un usage et une catégorie.
-- Clé : id_convention, usage, categorie
with

usages as (
    select
        millesimes.usage,
        millesimes.millesime,
        if(millesimes.usage = 'annexe', exercice.annee + 1, exercice.annee) as annee_prevue
    from intermediaire.millesimes
    cross join ref.exercice
    where millesimes.usage in ('annexe', 'bilan')
),

prevues as (
    select
        previsions.*,
        usages.usage
    from staging.previsions
    inner join usages on previsions.annee = usages.annee_prevue
),

directes as (
    select
        bilans.id_convention,
        prevues.usage,
        prevues.categorie,
        sum(prevues.nombre) as nombre
    from prevues
    inner join
        intermediaire.bilans
        on prevues.echelle = bilans.echelle and prevues.code_territoire = bilans.code_territoire
    group by bilans.id_convention, prevues.usage, prevues.categorie
),

du_bailleur as (
    select
        usage,
        categorie,
        sum(nombre) as nombre
    from prevues
    where echelle is null
    group by usage, categorie
),

categories_lignes as (
    select categorie from ref.categories
    union all
    select 'autres_deductions' as categorie
),

parcs as (
    select
        perimetres.id_convention,
        usages.usage,
        count(*) filter (where perimetres.est_soumis) as nb_soumis
    from intermediaire.perimetres
    inner join usages on perimetres.millesime = usages.millesime
    group by perimetres.id_convention, usages.usage
),

parcs_bailleur as (
    select
        parc_par_profil.profil,
        usages.usage,
        count(*) filter (where parc_par_profil.est_soumis) as nb_soumis
    from intermediaire.parc_par_profil
    inner join usages on parc_par_profil.millesime = usages.millesime
    group by parc_par_profil.profil, usages.usage
)

select
    bilans.id_convention,
    usages.usage,
    categories_lignes.categorie,
    coalesce(directes.nombre, 0) as nombre_direct,
    coalesce(du_bailleur.nombre, 0) as nombre_bailleur,
    coalesce(parcs.nb_soumis, 0) as nb_soumis,
    coalesce(parcs_bailleur.nb_soumis, 0) as nb_soumis_bailleur,
    somme(
        en_fraction(coalesce(directes.nombre, 0)),
        if(
            coalesce(du_bailleur.nombre, 0) = 0 or coalesce(parcs.nb_soumis, 0) = 0,
            fraction(0, 1),
            produit(en_fraction(du_bailleur.nombre), fraction(parcs.nb_soumis, parcs_bailleur.nb_soumis))
        )
    ) as valeur
from intermediaire.bilans
cross join usages
cross join categories_lignes
left join directes
    on
        bilans.id_convention = directes.id_convention
        and usages.usage = directes.usage
        and categories_lignes.categorie = directes.categorie
left join du_bailleur
    on usages.usage = du_bailleur.usage and categories_lignes.categorie = du_bailleur.categorie
left join parcs on bilans.id_convention = parcs.id_convention and usages.usage = parcs.usage
left join parcs_bailleur on bilans.profil = parcs_bailleur.profil and usages.usage = parcs_bailleur.usage
