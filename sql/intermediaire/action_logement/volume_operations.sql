-- Opérations neuves réservées par Action Logement : engagées à la date de l'inventaire ou non, droits attendus
-- et leur équivalent en droits uniques.
-- Source : [000] annexe 1b, 1.3.
-- Grain : une ligne de la table programmes_neufs.
-- Clé : fichier, feuille, ligne
select
    programmes.code_reservataire,
    programmes.operation,
    programmes.origine_droit,
    coalesce(programmes.nb_ds, 0) as nb_ds,
    coalesce(programmes.nb_du_premier_tour, 0) as nb_du_premier_tour,
    coalesce(programmes.nb_du_parc, 0) as nb_du_parc,
    part_de(
        reglages.taux,
        cast(millioniemes(coalesce(programmes.nb_ds, 0)) as hugeint) * millioniemes(programmes.duree_ds_annees),
        1000000000000
    ) as du_equivalents,
    -- engagée avant l'inventaire, et ni livrée, ni abandonnée avant lui
    coalesce(programmes.date_convention <= reglages.date_inventaire, true)
    and case programmes.statut
        when 'livre' then coalesce(programmes.date_livraison > reglages.date_inventaire, false)
        when 'abandonne' then coalesce(programmes.date_statut > reglages.date_inventaire, true)
        else true
    end as est_engagee,
    programmes.statut = 'abandonne'
    and coalesce(programmes.date_statut between reglages.debut_exercice and reglages.fin_exercice, true)
        as est_abandonnee,
    programmes.statut = 'modifie'
    and coalesce(programmes.date_statut between reglages.debut_exercice and reglages.fin_exercice, true)
        as est_modifiee,
    coalesce(
        programmes.date_convention between reglages.debut_exercice and reglages.fin_exercice
        and programmes.date_convention > reglages.date_inventaire,
        false
    ) as est_nouvelle,
    programmes.nb_du_avant,
    programmes.fichier,
    programmes.feuille,
    programmes.ligne
from staging.programmes_neufs as programmes
inner join intermediaire.volumes_reglages as reglages on programmes.code_reservataire = reglages.code_reservataire
