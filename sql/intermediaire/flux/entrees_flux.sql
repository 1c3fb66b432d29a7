-- Ce dont les lignes a à j sont faites : pour l'annexe N+1, et pour sa projection si les libérations d'un point
-- d'étape continuent au même rythme jusqu'au 31 décembre.
-- Source : note de domaine, section 3.
-- Grain : un usage, un bilan et un territoire.
-- Clé : usage, id_convention
with

parcs as (
    select
        perimetres_lieux.id_convention,
        sum(parc_lieux.nb_logements) as nb_total,
        sum(parc_lieux.nb_soumis) as nb_soumis
    from intermediaire.perimetres_lieux
    inner join intermediaire.parc_lieux using (usage, profil, id_lieu)
    where perimetres_lieux.usage = 'annexe'
    group by perimetres_lieux.id_convention
),

-- en millionièmes : les droits entiers, et ceux que les conventions du réservataire se partagent
droits as (
    select
        id_convention,
        sum(nb_droits_comptes) as nb_droits,
        coalesce(sum(millioniemes(nombre_droits)) filter (where part_numerateur = part_denominateur), 0)
            as droits_entiers,
        coalesce(sum(millioniemes(nombre_droits)) filter (where part_numerateur < part_denominateur), 0)
            as droits_partages,
        max(part_numerateur) filter (where part_numerateur < part_denominateur) as part_numerateur,
        max(part_denominateur) filter (where part_numerateur < part_denominateur) as part_denominateur
    from intermediaire.droits_en_cours
    where est_compte
    group by id_convention
),

deductions as (
    select
        id_convention,
        sum(valeur) filter (where categorie <> 'autres_deductions') as f,
        sum(valeur) filter (where categorie = 'autres_deductions') as g
    from intermediaire.soustractions
    where usage = 'annexe'
    group by id_convention
),

fournies as (
    select
        bool_or(est_fournie) filter (where table_metier = 'droits') as droits_fournis,
        bool_or(est_fournie) filter (where table_metier = 'previsions') as previsions_fournies
    from ref.tables_fournies
),

nombres as (
    select
        bilans.id_convention,
        bilans.code_reservataire,
        bilans.nature_bilan,
        cast(coalesce(parcs.nb_total, 0) as bigint) as a,
        cast(coalesce(parcs.nb_soumis, 0) as bigint) as c,
        coalesce(conventions.base_rotation, 'liberations_territoire') as base_rotation,
        coalesce(conventions.mode_taux, 'aucun') as mode_taux,
        coalesce(conventions.arrondi_etapes, 'aucun') as arrondi_etapes,
        coalesce(conventions.arrondi_final, 'aucun') as arrondi_final,
        conventions.taux_pct,
        conventions.taux_rotation_pct,
        conventions.taux_recu_pct - conventions.taux_retrocession_pct as points_recus_pct,
        coalesce(droits.nb_droits, cast(0 as decimal(38, 18))) as nb_droits,
        coalesce(droits.droits_entiers, 0) as droits_entiers,
        coalesce(droits.droits_partages, 0) as droits_partages,
        coalesce(droits.part_numerateur, 0) as part_numerateur,
        coalesce(droits.part_denominateur, 1) as part_denominateur,
        fournies.droits_fournis,
        rotation_rpls.taux is not null as est_mobilite_connue,
        rotation_rpls.nb_baux,
        rotation_rpls.nb_proposes,
        rotation_liberations.taux is not null as est_liberations_connues,
        rotation_liberations.est_moyenne_3_ans,
        rotation_liberations.numerateur,
        rotation_liberations.denominateur,
        if(fournies.previsions_fournies, deductions.f, null) as f,
        if(fournies.previsions_fournies, deductions.g, cast(0 as decimal(38, 18))) as g
    from intermediaire.bilans_a_date as bilans
    cross join fournies
    left join intermediaire.conventions_datees as conventions on bilans.id_convention = conventions.id_convention
    left join parcs on bilans.id_convention = parcs.id_convention
    left join droits on bilans.id_convention = droits.id_convention
    left join deductions on bilans.id_convention = deductions.id_convention
    left join intermediaire.rotation_liberations
        on bilans.id_convention = rotation_liberations.id_convention and rotation_liberations.usage = 'annexe'
    left join intermediaire.rotation_rpls
        on bilans.id_convention = rotation_rpls.id_convention and rotation_rpls.usage = 'annexe'
    where bilans.usage = 'annexe'
),

termes as (
    select
        *,
        case
            when base_rotation = 'fixe' then millioniemes(taux_rotation_pct)
            when base_rotation like 'rpls_%' then if(est_mobilite_connue, nb_baux, null)
            else if(est_liberations_connues, numerateur, null)
        end as d_numerateur,
        case
            when base_rotation = 'fixe' then 100000000
            when base_rotation like 'rpls_%' then nb_proposes
            else denominateur
        end as d_denominateur,
        -- droits ÷ parc : (entiers + partagés × c ÷ C) ÷ parc
        if(
            mode_taux = 'imprime',
            0,
            if(
                droits_fournis,
                droits_entiers * cast(part_denominateur as hugeint) + droits_partages * part_numerateur,
                null
            )
        ) as i_numerateur,
        case mode_taux when 'droits_sur_parc' then a when 'droits_sur_parc_soumis' then c else 1 end
        * cast(part_denominateur as hugeint) * 1000000 as i_denominateur,
        case
            when mode_taux = 'aucun' then null
            when mode_taux = 'imprime' then millioniemes(taux_pct + points_recus_pct)
            else millioniemes(points_recus_pct)
        end as i_points
    from nombres
),

usages as (
    select
        'annexe' as usage,
        1 as jours_annee,
        1 as jours_ecoules
    union all
    select
        'projection' as usage,
        jours_annee,
        jours_ecoules
    from intermediaire.temps_ecoule
)

select
    usages.usage,
    termes.id_convention,
    termes.code_reservataire,
    termes.nature_bilan,
    termes.base_rotation,
    termes.mode_taux,
    termes.arrondi_etapes,
    termes.arrondi_final,
    termes.a,
    termes.c,
    termes.nb_droits,
    termes.f,
    termes.g,
    -- un taux fixe, une moyenne ou la mobilité du RPLS ne se projettent pas
    termes.d_numerateur * if(
        termes.base_rotation like 'liberations_%' and not termes.est_moyenne_3_ans, usages.jours_annee, 1
    ) as d_numerateur,
    termes.d_denominateur * if(
        termes.base_rotation like 'liberations_%' and not termes.est_moyenne_3_ans, usages.jours_ecoules, 1
    ) as d_denominateur,
    termes.i_numerateur // greatest(gcd(termes.i_numerateur, termes.i_denominateur), 1) as i_numerateur,
    termes.i_denominateur // greatest(gcd(termes.i_numerateur, termes.i_denominateur), 1) as i_denominateur,
    termes.i_points
from termes
cross join usages
