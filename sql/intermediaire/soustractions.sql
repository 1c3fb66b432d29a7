-- Soustractions prévues pour N+1 sur chaque territoire : directes, et part du volume du bailleur au prorata de la ligne c (contrat, « f »). Grain : un bilan, un territoire et une catégorie.
-- Clé : id_convention, categorie
with

prevues as (
    select previsions.*
    from staging.previsions
    inner join ref.exercice on previsions.annee = exercice.annee + 1
),

directes as (
    select
        bilans.id_convention,
        prevues.categorie,
        sum(prevues.nombre) as nombre
    from prevues
    inner join
        intermediaire.bilans
        on prevues.echelle = bilans.echelle and prevues.code_territoire = bilans.code_territoire
    group by bilans.id_convention, prevues.categorie
),

du_bailleur as (
    select
        categorie,
        sum(nombre) as nombre
    from prevues
    where echelle is null
    group by categorie
),

categories_lignes as (
    select categorie from ref.categories
    union all
    select 'autres_deductions' as categorie
),

parcs as (
    select
        perimetres.id_convention,
        count(*) filter (where perimetres.est_soumis) as nb_soumis
    from intermediaire.perimetres
    inner join intermediaire.millesimes on perimetres.millesime = millesimes.millesime and millesimes.usage = 'annexe'
    group by perimetres.id_convention
),

parcs_bailleur as (
    select
        parc_par_profil.profil,
        count(*) filter (where parc_par_profil.est_soumis) as nb_soumis
    from intermediaire.parc_par_profil
    inner join intermediaire.millesimes
        on parc_par_profil.millesime = millesimes.millesime and millesimes.usage = 'annexe'
    group by parc_par_profil.profil
)

select
    bilans.id_convention,
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
cross join categories_lignes
left join directes
    on bilans.id_convention = directes.id_convention and categories_lignes.categorie = directes.categorie
left join du_bailleur on categories_lignes.categorie = du_bailleur.categorie
left join parcs on bilans.id_convention = parcs.id_convention
left join parcs_bailleur on bilans.profil = parcs_bailleur.profil
