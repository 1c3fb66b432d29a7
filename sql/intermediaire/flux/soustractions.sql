-- Soustractions prévues pour N+1 (usage annexe) et pour N (usage bilan) sur chaque territoire, au prorata du parc
-- soumis qu'il a dans celui de la prévision.
-- Source : contrat, « f ».
-- Grain : un bilan, un territoire, un usage et une catégorie.
-- Clé : id_convention, usage, categorie
with

prevues as (
    select
        usage,
        categorie,
        echelle,
        code_territoire,
        sum(nombre) as nombre
    from intermediaire.previsions_retenues
    where sort_prevision = 'retenue'
    group by usage, categorie, echelle, code_territoire
),

sommes as (
    select
        parts_previsions.usage,
        parts_previsions.id_convention,
        prevues.categorie,
        sum(
            part_de(prevues.nombre, parts_previsions.part_numerateur, parts_previsions.part_denominateur)
        ) as valeur
    from prevues
    inner join intermediaire.parts_previsions using (usage, echelle, code_territoire)
    group by parts_previsions.usage, parts_previsions.id_convention, prevues.categorie
),

categories_lignes as (
    select categorie from ref.categories
    union all
    select 'autres_deductions' as categorie
)

select
    bilans_a_date.id_convention,
    bilans_a_date.code_reservataire,
    bilans_a_date.usage,
    categories_lignes.categorie,
    coalesce(sommes.valeur, cast(0 as decimal(38, 18))) as valeur
from intermediaire.bilans_a_date
cross join categories_lignes
left join sommes
    on
        bilans_a_date.usage = sommes.usage
        and bilans_a_date.id_convention = sommes.id_convention
        and categories_lignes.categorie = sommes.categorie
where bilans_a_date.usage in ('annexe', 'bilan')
