-- Avis dus aux réservataires avant la livraison d'un programme neuf, par convention, et ceux qui sont en retard
-- à la date d'arrêté.
-- Source : [000] annexe 3.1, [001] art. 7, [002] art. 4.2.
-- Grain : un bilan, une ligne de la table programmes_neufs et une échéance.
-- Clé : code_reservataire, fichier, feuille, ligne, echeance
with

dues as (
    select
        programmes.*,
        delais.libelle_reservataire,
        delais.echeance,
        delais.ordre,
        delais.nb_mois,
        delais.libelle,
        delais.source,
        delais.sens_echeance,
        cast(programmes.date_reference - to_months(delais.nb_mois) as date) as date_echeance,
        case delais.echeance
            when 'notification' then programmes.date_notification
            when 'repartition' then programmes.date_repartition
            when 'concertation' then programmes.date_concertation
            else programmes.date_dossier
        end as date_faite
    from intermediaire.programmes_suivis as programmes
    inner join intermediaire.delais_programmes as delais using (code_reservataire)
    where not programmes.est_abandonnee
),

situees as (
    select
        *,
        case
            when date_echeance is null then 'sans_date'
            when date_faite > date_arrete then 'a_venir'
            when date_faite < date_echeance and sens_echeance = 'au_plus_tot' then 'trop_tot'
            when date_faite > date_echeance and sens_echeance = 'au_plus_tard' then 'faite_en_retard'
            when date_faite is not null then 'a_temps'
            when est_livree then 'non_renseignee'
            when date_echeance >= date_arrete then 'a_venir'
            when sens_echeance = 'au_plus_tot' then 'ouverte'
            else 'en_retard'
        end as etat_echeance
    from dues
)

select
    unnest(codes_bilan) as code_reservataire,
    libelle_reservataire,
    operation,
    commune,
    date_reference as date_livraison_prevue,
    flux_reserve,
    echeance,
    libelle,
    nb_mois,
    date_echeance,
    date_faite,
    etat_echeance,
    case etat_echeance
        when 'en_retard' then 'En retard : envoi non renseigné'
        when 'faite_en_retard' then 'Fait en retard'
        when 'trop_tot' then 'Fait trop tôt'
        when 'a_temps' then 'Fait à temps'
        when 'ouverte' then 'Possible depuis cette date'
        when 'a_venir' then 'À venir'
        when 'non_renseignee' then 'Livrée, envoi non renseigné'
        else 'Date de livraison inconnue'
    end as libelle_etat,
    case etat_echeance
        when 'en_retard' then date_diff('day', date_echeance, date_arrete)
        when 'faite_en_retard' then date_diff('day', date_echeance, date_faite)
    end as nb_jours_retard,
    source,
    ordre,
    fichier,
    feuille,
    ligne
from situees
