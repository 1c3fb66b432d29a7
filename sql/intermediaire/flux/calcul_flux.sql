-- Lignes a à j de l'annexe N+1, en fractions exactes, arrondies là où la convention le dit.
-- Source : note de domaine, section 3.
-- Grain : un bilan et un territoire.
-- Clé : id_convention
with

parcs as (
    select
        perimetres.id_convention,
        count(*) as nb_total,
        count(*) filter (where perimetres.est_soumis) as nb_soumis
    from intermediaire.perimetres
    inner join intermediaire.millesimes on perimetres.millesime = millesimes.millesime and millesimes.usage = 'annexe'
    group by perimetres.id_convention
),

droits as (
    select
        id_convention,
        sum(nombre_droits) as nb_droits
    from intermediaire.droits_en_cours
    where est_compte
    group by id_convention
),

deductions as (
    select
        id_convention,
        cumul(list(valeur) filter (where categorie <> 'autres_deductions')) as soustractions,
        any_value(valeur) filter (where categorie = 'autres_deductions') as autres_deductions
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

entrees as (
    select
        bilans.id_convention,
        bilans.code_reservataire,
        bilans.nature_bilan,
        coalesce(parcs.nb_total, 0) as a,
        coalesce(parcs.nb_soumis, 0) as c,
        coalesce(conventions.base_rotation, 'liberations_territoire') as base_rotation,
        coalesce(conventions.mode_taux, 'aucun') as mode_taux,
        coalesce(conventions.arrondi_etapes, 'aucun') as arrondi_etapes,
        coalesce(conventions.arrondi_final, 'aucun') as arrondi_final,
        coalesce(droits.nb_droits, 0) as nb_droits,
        case
            when conventions.base_rotation = 'fixe'
                then produit(en_fraction(conventions.taux_rotation_pct), fraction(1, 100))
            when conventions.base_rotation like 'rpls_%' then rotation_rpls.taux
            else rotation_liberations.taux
        end as d,
        if(fournies.previsions_fournies, deductions.soustractions, null) as f,
        if(fournies.previsions_fournies, deductions.autres_deductions, fraction(0, 1)) as g,
        case conventions.mode_taux
            when 'imprime'
                then produit(en_fraction(conventions.taux_pct - conventions.taux_retrocession_pct), fraction(1, 100))
            when 'droits_sur_parc'
                then if(fournies.droits_fournis, rapport(coalesce(nb_droits, 0), coalesce(parcs.nb_total, 0)), null)
            when 'droits_sur_parc_soumis'
                then if(fournies.droits_fournis, rapport(coalesce(nb_droits, 0), coalesce(parcs.nb_soumis, 0)), null)
        end as i
    from intermediaire.bilans
    cross join fournies
    left join intermediaire.conventions using (id_convention)
    left join parcs using (id_convention)
    left join droits using (id_convention)
    left join deductions using (id_convention)
    left join intermediaire.rotation_liberations using (id_convention)
    left join intermediaire.rotation_rpls using (id_convention)
),

flux_brut as (
    select
        *,
        produit(fraction(c, 1), d) as e_exact
    from entrees
),

flux_brut_arrondi as (
    select
        *,
        if(arrondi_etapes = 'unite', arrondi(e_exact, 0), e_exact) as e
    from flux_brut
),

flux_net as (
    select
        *,
        difference(difference(e, f), g) as h_signe,
        positive(difference(difference(e, f), g)) as h_exact
    from flux_brut_arrondi
),

flux_net_arrondi as (
    select
        *,
        if(arrondi_etapes = 'unite', arrondi(h_exact, 0), h_exact) as h
    from flux_net
),

flux_reservataire as (
    select
        *,
        produit(h, i) as j_exact
    from flux_net_arrondi
)

select
    *,
    case arrondi_final
        when 'unite_demi_superieur' then arrondi(j_exact, 0)
        when 'unite_inferieur' then tronque(j_exact)
        when 'decimale_1' then arrondi(j_exact, 1)
        when 'decimale_2' then arrondi(j_exact, 2)
        else j_exact
    end as j
from flux_reservataire
