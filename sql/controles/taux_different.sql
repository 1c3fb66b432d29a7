-- Le taux imprimé n'est pas celui que donnent les droits en cours (note de domaine, section 6), ni sur le parc
-- ni sur le parc soumis, à deux décimales.
-- Grain : une convention.
with

droits as (
    select
        id_convention,
        sum(nb_droits_comptes) as nb_droits
    from intermediaire.droits_en_cours
    where est_compte
    group by id_convention
),

recalcules as (
    select
        conventions.*,
        quotient_pct(droits.nb_droits, calcul_flux.a) as sur_parc_pct,
        quotient_pct(droits.nb_droits, calcul_flux.c) as sur_parc_soumis_pct
    from intermediaire.conventions_datees as conventions
    inner join intermediaire.calcul_flux
        on conventions.id_convention = calcul_flux.id_convention and calcul_flux.usage = 'annexe'
    inner join droits on conventions.id_convention = droits.id_convention
    inner join
        ref.types_reservataire
        on
            conventions.type_reservataire = types_reservataire.type_reservataire
            and types_reservataire.sans_objectif = 'non'
    where conventions.mode_taux = 'imprime'
)

select
    'avertissement' as gravite,
    fichier,
    feuille,
    ligne,
    'taux_pct' as colonne,
    ecrit(taux_pct) as valeur,
    'Le taux imprimé (' || ecrit(taux_pct) || ' %) diffère du taux recalculé : ' || ecrit(sur_parc_pct)
    || ' % du parc, ' || ecrit(sur_parc_soumis_pct) || ' % du parc soumis. Le taux imprimé est appliqué.' as message,
    'Vérifiez la convention et l''inventaire des droits ; le taux se réévalue chaque année.' as correction,
    code_reservataire
from recalcules
where round(taux_pct, 2) not in (round(sur_parc_pct, 2), round(sur_parc_soumis_pct, 2))
