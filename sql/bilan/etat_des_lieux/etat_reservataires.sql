-- Nombre de droits de chaque réservataire à la date de l'état des lieux, par nature et par état, et ce qui a
-- changé depuis le précédent ; pour le bailleur, tous les réservataires et leur total.
-- Grain : un bilan et un réservataire.
-- Clé : code_reservataire, code_titulaire
with

titulaires as (
    select
        code_reservataire,
        libelle
    from intermediaire.conventions
    where numero = 1
),

constats as (
    select distinct
        fichier,
        feuille,
        ligne
    from intermediaire.constats_droits
),

lignes as (
    select
        if(titulaires.code_reservataire is null, 'sans convention', titulaires.code_reservataire) as code_titulaire,
        constats.ligne is not null as est_a_verifier,
        droits_etat.nombre_droits,
        droits_etat.nature_droit not in ('ds', 'contingent') as est_unique,
        droits_etat.etat_droit,
        droits_etat.est_compte,
        droits_etat.est_nouveau,
        droits_etat.est_eteint_depuis,
        coalesce(
            droits_etat.date_extinction
            between droits_etat.date_etat_des_lieux
            and cast(droits_etat.date_etat_des_lieux + interval 1 year as date),
            false
        ) as finit_bientot
    from intermediaire.droits_etat
    left join titulaires using (code_reservataire)
    left join constats using (fichier, feuille, ligne)
),

comptes as (
    select
        code_titulaire,
        sum(nombre_droits) filter (where etat_droit = 'en_cours' and not est_unique) as nb_en_cours,
        sum(nombre_droits) filter (where est_compte) as nb_comptes,
        sum(nombre_droits) filter (where etat_droit = 'en_cours' and est_unique) as nb_uniques,
        sum(nombre_droits) filter (where etat_droit = 'pas_commence') as nb_pas_commences,
        sum(nombre_droits) filter (where etat_droit = 'eteint') as nb_eteints,
        sum(nombre_droits) filter (where est_nouveau) as nb_nouveaux,
        sum(nombre_droits) filter (where est_eteint_depuis) as nb_eteints_depuis,
        sum(nombre_droits) filter (where etat_droit = 'en_cours' and finit_bientot) as nb_bientot_eteints,
        count(*) filter (where est_a_verifier) as nb_a_verifier
    from lignes
    group by code_titulaire
),

tous as (
    select
        code_reservataire as code_titulaire,
        libelle as libelle_reservataire
    from titulaires
    union all
    select
        'sans convention' as code_titulaire,
        'Droits sans convention' as libelle_reservataire
    from comptes
    where code_titulaire = 'sans convention'
),

-- une table absente n'est pas une table vide : sans droits fournis, rien n'est compté
par_bilan as (
    select
        unnest(if(tous.code_titulaire = 'sans convention', ['_bailleur'], [tous.code_titulaire, '_bailleur']))
            as code_reservataire,
        tous.*,
        comptes.* exclude (code_titulaire)
    from tous
    inner join ref.tables_fournies on tables_fournies.table_metier = 'droits' and tables_fournies.est_fournie
    left join comptes using (code_titulaire)
)

select
    code_reservataire,
    if(grouping(code_titulaire) = 1, 'total', code_titulaire) as code_titulaire,
    if(grouping(code_titulaire) = 1, 'Total', any_value(libelle_reservataire)) as libelle_reservataire,
    coalesce(sum(nb_en_cours), 0) as nb_en_cours,
    coalesce(sum(nb_comptes), 0) as nb_comptes,
    coalesce(sum(nb_uniques), 0) as nb_uniques,
    coalesce(sum(nb_pas_commences), 0) as nb_pas_commences,
    coalesce(sum(nb_eteints), 0) as nb_eteints,
    coalesce(sum(nb_nouveaux), 0) as nb_nouveaux,
    coalesce(sum(nb_eteints_depuis), 0) as nb_eteints_depuis,
    coalesce(sum(nb_bientot_eteints), 0) as nb_bientot_eteints,
    coalesce(sum(nb_a_verifier), 0) as nb_a_verifier
from par_bilan
group by grouping sets ((code_reservataire, code_titulaire), (code_reservataire))
