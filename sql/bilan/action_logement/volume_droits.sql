-- Volume de droits d'Action Logement : inventaire et conversion, renouvellement urbain, mouvement de
-- l'exercice, ligne par ligne.
-- Source : [000] annexes 1b et 2a art. 7.
-- Grain : un réservataire et une ligne.
-- Clé : code_reservataire, ligne
with

calculs as (
    select
        inventaire.*,
        mouvements.* exclude (code_reservataire),
        -- l'inventaire compte les opérations telles qu'elles sont devenues ; le stock d'ouverture, telles qu'elles étaient
        coalesce(
            cast(inventaire.stock_ouverture as decimal(38, 6)),
            en_decimal(inventaire.du_total) - coalesce(mouvements.nb_modifies, 0)
        ) as ouverture
    from intermediaire.volume_inventaire as inventaire
    inner join intermediaire.volume_mouvements as mouvements using (code_reservataire)
),

chiffres as (
    select
        code_reservataire,
        cast(nb_ds + nb_npnru as decimal(38, 6)) as ds,
        en_decimal(duree_moyenne) as duree,
        en_decimal(taux * 100) as taux,
        en_decimal(ds_convertis) as ds_convertis,
        en_decimal(npnru_convertis) as npnru_convertis,
        en_decimal(du_calcules) as du_calcules,
        cast(volume_negocie as decimal(38, 6)) as negocie,
        en_decimal(du_convertis) as du_convertis,
        cast(nb_du as decimal(38, 6)) as du_existants,
        cast(operations_premier_tour as decimal(38, 6)) as operations_premier_tour,
        cast(operations_parc as decimal(38, 6)) as operations_parc,
        cast(operations_ds as decimal(38, 6)) as operations_ds,
        en_decimal(operations_equivalents) as operations_equivalents,
        en_decimal(du_total) as total,
        cast(nb_collectifs as decimal(38, 6)) as collectifs,
        cast(nb_pnru as decimal(38, 6)) as pnru,
        cast(nb_ds_sans_terme as decimal(38, 6)) as sans_terme,
        cast(nb_npnru as decimal(38, 6)) as npnru_ds,
        en_decimal(npnru_exact) as npnru_calcul,
        en_decimal(npnru_plafonne) as npnru_plafond,
        en_decimal(npnru_convertis) as npnru_retenus,
        cast(nb_du_npnru + coalesce(operations_npnru, 0) as decimal(38, 6)) as npnru_existants,
        en_decimal(npnru_total) as npnru_total,
        ouverture,
        cast(nb_nouveaux_premier_tour as decimal(38, 6)) as nouveaux_premier_tour,
        cast(nb_nouveaux_parc as decimal(38, 6)) as nouveaux_parc,
        cast(-nb_abandonnes as decimal(38, 6)) as abandons,
        cast(nb_modifies as decimal(38, 6)) as modifications,
        cast(-nb_placements as decimal(38, 6)) as placements,
        cast(nb_par_reservataire as decimal(38, 6)) as placements_reservataire,
        cast(nb_par_bailleur as decimal(38, 6)) as placements_bailleur,
        cast(nb_placements_premier_tour as decimal(38, 6)) as placements_premier_tour,
        cast(
            ouverture + nb_nouveaux_premier_tour + nb_nouveaux_parc - coalesce(nb_abandonnes, 0)
            + coalesce(nb_modifies, 0) - nb_placements as decimal(38, 6)
        ) as cloture
    from calculs
),

textes as (
    select
        code_reservataire,
        'à la date du ' || strftime(date_inventaire, '%d/%m/%Y') as ds,
        'taux ' || origine_taux as taux,
        if(nb_sans_coefficient > 0, nb_sans_coefficient || ' ligne(s) sans coefficient de zone', null) as npnru_calcul,
        if(programmes_fournis, null, 'sans les opérations engagées, non fournies') as total,
        if(stock_ouverture is null, 'total ci-dessus avant modifications', 'donné dans volumes_droits') as ouverture,
        nb_operations_abandonnees || ' opération(s)' as abandons,
        nb_operations_modifiees || ' opération(s)' || if(
            nb_modifications_inconnues = 0, '',
            ', dont ' || nb_modifications_inconnues || ' sans nombre de droits d''avant, effet non compté'
        ) as modifications
    from calculs
),

valeurs as (
    select *
    from chiffres
    unpivot include nulls (
        valeur for ligne in (
            ds, duree, taux, ds_convertis, npnru_convertis, du_calcules, negocie, du_convertis, du_existants,
            operations_premier_tour, operations_parc, operations_ds, operations_equivalents, total, collectifs, pnru,
            sans_terme, npnru_ds, npnru_calcul, npnru_plafond, npnru_retenus, npnru_existants, npnru_total, ouverture,
            nouveaux_premier_tour, nouveaux_parc, abandons, modifications, placements, placements_reservataire,
            placements_bailleur, placements_premier_tour, cloture
        )
    )
),

precisions as (
    select *
    from textes
    unpivot (texte for ligne in (ds, taux, npnru_calcul, total, ouverture, abandons, modifications))
)

select
    valeurs.code_reservataire,
    valeurs.ligne,
    lignes_volume.ordre,
    lignes_volume.partie,
    lignes_volume.libelle,
    valeurs.valeur,
    lignes_volume.unite,
    concat_ws(' – ', lignes_volume.explication, precisions.texte) as explication
from valeurs
inner join ref.lignes_volume using (ligne)
left join precisions using (code_reservataire, ligne)
