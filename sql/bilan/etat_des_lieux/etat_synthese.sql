-- Chiffres principaux d'un état des lieux : droits, taux de réservation avant et après, parc et ses mouvements.
-- Grain : un bilan (réservataire ou bailleur entier).
-- Clé : code_reservataire
with

droits as (
    select *
    from bilan.etat_reservataires
    where code_titulaire = 'total'
),

taux as (
    select
        code_reservataire,
        count(*) as nb_conventions,
        sum(nb_parc) as nb_parc,
        sum(nb_parc_avant) as nb_parc_avant,
        sum(nb_droits) as nb_droits,
        sum(nb_droits_avant) as nb_droits_avant
    from bilan.etat_taux
    where code_reservataire <> '_bailleur'
    group by code_reservataire
),

bailleur as (
    select
        count(*) filter (where millesimes.usage = 'etat') as nb_parc,
        if(
            count(*) filter (where millesimes.usage = 'etat_precedent') > 0,
            count(*) filter (where millesimes.usage = 'etat_precedent'), null
        ) as nb_parc_avant
    from intermediaire.parc
    inner join intermediaire.millesimes using (millesime)
),

mouvements as (
    select
        code_reservataire,
        count(*) filter (where sens = 'entree') as nb_entrees,
        count(*) filter (where sens = 'sortie') as nb_sorties
    from bilan.etat_mouvements
    group by code_reservataire
),

operations as (
    select
        code_reservataire,
        est_livree,
        cle_operation,
        max(nb_logements) as nb_logements
    from bilan.etat_livraisons
    group by code_reservataire, est_livree, cle_operation
),

livraisons as (
    select
        code_reservataire,
        coalesce(sum(nb_logements) filter (where est_livree), 0) as nb_livres,
        coalesce(sum(nb_logements) filter (where not est_livree), 0) as nb_attendus
    from operations
    group by code_reservataire
),

dates as (
    select
        any_value(millesimes.millesime) filter (where millesimes.usage = 'etat') as millesime_etat,
        any_value(millesimes.millesime) filter (where millesimes.usage = 'etat_precedent') as millesime_precedent,
        any_value(etat_des_lieux.date_etat_des_lieux) as date_etat_des_lieux,
        any_value(etat_des_lieux.date_etat_precedent) as date_etat_precedent
    from intermediaire.millesimes
    cross join ref.etat_des_lieux
)

select
    entetes.code_reservataire,
    dates.*,
    droits.* exclude (code_reservataire, code_titulaire, libelle_reservataire),
    coalesce(taux.nb_parc, bailleur.nb_parc) as nb_parc,
    if(taux.code_reservataire is null, bailleur.nb_parc_avant, taux.nb_parc_avant) as nb_parc_avant,
    if(dates.millesime_precedent is null, null, coalesce(mouvements.nb_entrees, 0)) as nb_entrees,
    coalesce(mouvements.nb_sorties, 0) as nb_sorties,
    if(tables_fournies.est_fournie, coalesce(livraisons.nb_livres, 0), null) as nb_livres,
    if(tables_fournies.est_fournie, coalesce(livraisons.nb_attendus, 0), null) as nb_attendus,
    taux.nb_droits,
    taux.nb_droits_avant,
    part_pct(taux.nb_droits, taux.nb_parc) as taux_reservation_pct,
    part_pct(taux.nb_droits_avant, taux.nb_parc_avant) as taux_reservation_avant_pct
from bilan.entetes
cross join dates
cross join bailleur
left join droits using (code_reservataire)
left join taux using (code_reservataire)
left join mouvements using (code_reservataire)
left join livraisons using (code_reservataire)
inner join ref.tables_fournies on tables_fournies.table_metier = 'programmes_neufs'
where entetes.nature_bilan <> 'epci'
