-- Libérations du parc soumis au 1er janvier N et taux de rotation, sur le territoire ou sur le bailleur entier avec
-- les mêmes options ; sans libération de l'exercice sur cette base, moyenne des années de N-2 à N du fichier.
-- Source : contrat, « Rotation ».
-- Grain : un usage, un bilan et un territoire.
-- Clé : usage, id_convention
with

annees_du_fichier as (
    select count(distinct liberations_uniques.annee_liberation) as nb_annees
    from intermediaire.liberations_uniques
    inner join ref.exercice
        on liberations_uniques.date_liberation between make_date(exercice.annee - 2, 1, 1) and exercice.date_fin
),

par_lieu as (
    select
        parc_lieux.profil,
        parc_lieux.id_lieu,
        parc_lieux.nb_soumis,
        coalesce(liberations_lieux.nb_liberations, 0) as nb_liberations,
        coalesce(liberations_lieux.nb_liberations_3_ans, 0) as nb_liberations_3_ans
    from intermediaire.parc_lieux
    left join intermediaire.liberations_lieux
        on parc_lieux.profil = liberations_lieux.profil and parc_lieux.id_lieu = liberations_lieux.id_lieu
    where parc_lieux.usage = 'bilan'
),

du_bailleur as (
    select
        profil,
        sum(nb_soumis) as nb_soumis,
        sum(nb_liberations) as nb_liberations,
        sum(nb_liberations_3_ans) as nb_liberations_3_ans
    from par_lieu
    group by profil
),

bilans as (
    select *
    from intermediaire.bilans_a_date
    where usage in ('bilan', 'annexe')
),

bases as (
    select
        bilans.usage,
        bilans.id_convention,
        sum(par_lieu.nb_soumis) as nb_soumis,
        sum(par_lieu.nb_liberations) as nb_liberations,
        sum(par_lieu.nb_liberations_3_ans) as nb_liberations_3_ans
    from bilans
    inner join intermediaire.perimetres_lieux using (usage, id_convention)
    inner join par_lieu on bilans.profil = par_lieu.profil and perimetres_lieux.id_lieu = par_lieu.id_lieu
    where bilans.portee_rotation = 'territoire'
    group by bilans.usage, bilans.id_convention
    union all
    select
        bilans.usage,
        bilans.id_convention,
        du_bailleur.nb_soumis,
        du_bailleur.nb_liberations,
        du_bailleur.nb_liberations_3_ans
    from bilans
    inner join du_bailleur on bilans.profil = du_bailleur.profil
    where bilans.portee_rotation = 'bailleur'
),

comptes as (
    select
        bilans.usage,
        bilans.id_convention,
        cast(coalesce(bases.nb_soumis, 0) as bigint) as nb_parc_soumis,
        cast(coalesce(bases.nb_liberations, 0) as bigint) as nb_liberations,
        cast(coalesce(bases.nb_liberations_3_ans, 0) as bigint) as nb_liberations_3_ans,
        annees_du_fichier.nb_annees,
        coalesce(bases.nb_liberations, 0) = 0 as est_moyenne_3_ans
    from bilans
    cross join annees_du_fichier
    left join bases using (usage, id_convention)
)

select
    comptes.*,
    if(comptes.est_moyenne_3_ans, comptes.nb_liberations_3_ans, comptes.nb_liberations) as numerateur,
    comptes.nb_parc_soumis * if(comptes.est_moyenne_3_ans, comptes.nb_annees, 1) as denominateur,
    if(tables_fournies.est_fournie, part_de(1, numerateur, denominateur), null) as taux
from comptes
inner join ref.tables_fournies on tables_fournies.table_metier = 'liberations'
