-- Offre et demande : demandes suivies par Action Logement, libérations et propositions, par EPCI, plafond de
-- ressources et typologie, avec les totaux.
-- Source : [000] annexe 2.
-- Grain : un bilan, un EPCI, un plafond et une nature de compte.
-- Clé : code_reservataire, libelle_epci, tranche_plafond, nature_compte
with

fournies as (
    select
        bool_or(est_fournie) filter (where table_metier = 'demandes') as demandes,
        bool_or(est_fournie) filter (where table_metier = 'liberations') as liberations,
        bool_or(est_fournie) filter (where table_metier = 'propositions') as mises_a_disposition
    from ref.tables_fournies
),

natures as (
    select
        unnest(['demandes', 'liberations', 'mises_a_disposition']) as nature_compte,
        unnest(['Demandes', 'Logements libérés', 'Proposés à Action Logement']) as libelle_nature,
        unnest([1, 2, 3]) as ordre_nature,
        unnest([demandes, liberations, mises_a_disposition]) as est_fournie
    from fournies
),

sommes as (
    select
        code_reservataire,
        nature_compte,
        coalesce(libelle_epci, 'Total général') as libelle_epci,
        coalesce(tranche_plafond, 'Tous plafonds') as tranche_plafond,
        grouping(libelle_epci) = 1 as est_total,
        if(grouping(tranche_plafond) = 1, 99, min(ordre_plafond)) as ordre_plafond,
        sum(nombre) filter (where typologie = 'T1') as t1,
        sum(nombre) filter (where typologie = 'T2') as t2,
        sum(nombre) filter (where typologie = 'T3') as t3,
        sum(nombre) filter (where typologie = 'T4') as t4,
        sum(nombre) filter (where typologie = 'T5') as t5,
        sum(nombre) filter (where typologie = 'T6+') as t6,
        sum(nombre) filter (where typologie = 'non_renseigne') as autres,
        sum(nombre) as total
    from intermediaire.offre_demande
    group by code_reservataire, nature_compte, cube (libelle_epci, tranche_plafond)
),

lignes as (
    select
        code_reservataire,
        libelle_epci,
        tranche_plafond,
        bool_and(est_total) as est_total,
        min(ordre_plafond) as ordre_plafond
    from sommes
    group by code_reservataire, libelle_epci, tranche_plafond
)

select
    lignes.code_reservataire,
    lignes.libelle_epci,
    lignes.tranche_plafond,
    natures.nature_compte,
    natures.libelle_nature,
    lignes.est_total,
    10 * lignes.ordre_plafond + natures.ordre_nature as ordre,
    if(natures.est_fournie, coalesce(sommes.t1, 0), null) as t1,
    if(natures.est_fournie, coalesce(sommes.t2, 0), null) as t2,
    if(natures.est_fournie, coalesce(sommes.t3, 0), null) as t3,
    if(natures.est_fournie, coalesce(sommes.t4, 0), null) as t4,
    if(natures.est_fournie, coalesce(sommes.t5, 0), null) as t5,
    if(natures.est_fournie, coalesce(sommes.t6, 0), null) as t6,
    if(natures.est_fournie, coalesce(sommes.autres, 0), null) as autres,
    if(natures.est_fournie, coalesce(sommes.total, 0), null) as total
from lignes
cross join natures
left join sommes
    on
        lignes.code_reservataire = sommes.code_reservataire
        and lignes.libelle_epci = sommes.libelle_epci
        and lignes.tranche_plafond = sommes.tranche_plafond
        and natures.nature_compte = sommes.nature_compte
