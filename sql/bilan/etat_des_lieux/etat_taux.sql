-- Taux de réservation de chaque convention, à la date de l'état des lieux et à la précédente : droits comptés
-- sur parc.
-- Source : [002] art. 3, [004] art. 3.
-- Grain : un bilan et une convention.
-- Clé : code_reservataire, id_convention
with

parcs as (
    select
        perimetres_lieux.id_convention,
        cast(sum(parc_lieux.nb_logements) filter (where parc_lieux.usage = 'etat') as bigint) as nb_parc,
        cast(sum(parc_lieux.nb_soumis) filter (where parc_lieux.usage = 'etat') as bigint) as nb_parc_soumis,
        cast(sum(parc_lieux.nb_logements) filter (where parc_lieux.usage = 'etat_precedent') as bigint)
            as nb_parc_avant,
        cast(sum(parc_lieux.nb_soumis) filter (where parc_lieux.usage = 'etat_precedent') as bigint)
            as nb_parc_soumis_avant
    from intermediaire.perimetres_lieux
    inner join intermediaire.parc_lieux using (usage, profil, id_lieu)
    group by perimetres_lieux.id_convention
),

droits as (
    select
        id_convention,
        en_decimal(sum(nb_droits_comptes) filter (where usage = 'etat')) as nb_droits,
        en_decimal(sum(nb_droits_comptes) filter (where usage = 'etat_precedent')) as nb_droits_avant
    from intermediaire.droits_a_date
    where est_compte
    group by id_convention
),

contexte as (
    select
        any_value(tables_fournies.est_fournie) as est_fournie,
        count(millesimes.usage) > 0 as est_precedent_fourni
    from ref.tables_fournies
    left join intermediaire.millesimes on millesimes.usage = 'etat_precedent'
    where tables_fournies.table_metier = 'droits'
),

territoires as (
    select
        'commune' as echelle,
        code_commune as code_territoire,
        libelle_commune as libelle_territoire
    from ref.communes
    union all
    select
        'epci' as echelle,
        code_epci as code_territoire,
        min(libelle_epci) as libelle_territoire
    from ref.communes
    where code_epci is not null
    group by code_epci
    union all
    select
        'departement' as echelle,
        code_departement as code_territoire,
        libelle_departement as libelle_territoire
    from ref.departements
),

nombres as (
    select
        conventions.*,
        coalesce(parcs.nb_parc, 0) as nb_parc,
        coalesce(parcs.nb_parc_soumis, 0) as nb_parc_soumis,
        if(contexte.est_precedent_fourni, coalesce(parcs.nb_parc_avant, 0), null) as nb_parc_avant,
        if(contexte.est_precedent_fourni, coalesce(parcs.nb_parc_soumis_avant, 0), null) as nb_parc_soumis_avant,
        if(contexte.est_fournie, coalesce(droits.nb_droits, 0), null) as nb_droits,
        if(
            contexte.est_fournie and contexte.est_precedent_fourni, coalesce(droits.nb_droits_avant, 0), null
        ) as nb_droits_avant
    from intermediaire.bilans_a_date
    inner join intermediaire.conventions_datees as conventions
        on bilans_a_date.id_convention = conventions.id_convention and bilans_a_date.usage = 'etat'
    cross join contexte
    left join parcs on conventions.id_convention = parcs.id_convention
    left join droits on conventions.id_convention = droits.id_convention
)

select
    unnest([nombres.code_reservataire, '_bailleur']) as code_reservataire,
    nombres.id_convention,
    nombres.libelle as libelle_reservataire,
    coalesce(territoires.libelle_territoire, 'tout le parc du bailleur') as libelle_territoire,
    regles.libelle as libelle_mode_taux,
    nombres.nb_droits_avant,
    nombres.nb_droits,
    nombres.nb_parc_avant,
    nombres.nb_parc,
    part_pct(nombres.nb_droits_avant, nombres.nb_parc_avant) as taux_reservation_avant_pct,
    part_pct(nombres.nb_droits, nombres.nb_parc) as taux_reservation_pct,
    taux_reservation_pct - taux_reservation_avant_pct as evolution_points,
    nombres.nb_parc_soumis_avant,
    nombres.nb_parc_soumis,
    part_pct(nombres.nb_droits_avant, nombres.nb_parc_soumis_avant) as taux_soumis_avant_pct,
    part_pct(nombres.nb_droits, nombres.nb_parc_soumis) as taux_soumis_pct,
    if(nombres.mode_taux = 'imprime', nombres.taux_pct, null) as taux_imprime_pct,
    nombres.jour_edl
from nombres
left join territoires using (echelle, code_territoire)
left join ref.regles on nombres.mode_taux = regles.code and regles.liste = 'mode_taux'
