-- Droits d'Action Logement à la date de l'inventaire du volume, avec ce qu'ils y font : en cours, structure
-- collective, PNRU, durée restante.
-- Source : [000] annexe 1a, art. 2.
-- Grain : une ligne de la table droits.
-- Clé : fichier, feuille, ligne
with

collectifs as (
    select distinct id_logement
    from intermediaire.motifs_logement
    where motif_exclusion = 'foyer_residence'
)

select
    droits_etat.code_reservataire,
    droits_etat.nature_droit,
    droits_etat.origine_droit,
    droits_etat.nombre_droits,
    droits_etat.zone_npnru,
    droits_etat.categorie_npnru,
    droits_etat.date_debut,
    droits_etat.date_extinction,
    coalesce(droits_etat.date_debut <= reglages.date_inventaire, true)
    and coalesce(droits_etat.date_extinction >= reglages.date_inventaire, true)
    and not coalesce(droits_etat.est_sorti and droits_etat.annee_sortie <= year(reglages.date_inventaire), false)
        as est_en_cours,
    coalesce(droits_etat.date_debut between reglages.debut_exercice and reglages.fin_exercice, false)
    and droits_etat.date_debut > reglages.date_inventaire as est_nouveau,
    case
        when droits_etat.nature_droit in ('du_parc', 'du_premier_tour') then 'du'
        when droits_etat.est_structure_collective or collectifs.id_logement is not null then 'collectif'
        when droits_etat.origine_droit = 'pnru' then 'pnru'
        when droits_etat.origine_droit = 'npnru' then 'npnru'
        else 'ds'
    end as classe_droit,
    date_diff('day', reglages.date_inventaire, droits_etat.date_extinction) as nb_jours_restants,
    droits_etat.fichier,
    droits_etat.feuille,
    droits_etat.ligne
from intermediaire.droits_etat
inner join intermediaire.volumes_reglages as reglages using (code_reservataire)
left join collectifs on droits_etat.id_logement = collectifs.id_logement
