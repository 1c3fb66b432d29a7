-- Opérations livrées depuis le 1er janvier du RPLS de l'état des lieux, qui n'y sont donc pas, et celles dont la livraison
-- est prévue avant la fin de l'année : ce que l'on sait à la date, sans attendre le RPLS suivant.
-- Source : [001] art. 3 et 7.
-- Grain : un bilan et une ligne de la table programmes_neufs.
-- Clé : code_reservataire, fichier, feuille, ligne
with

dates as (
    select
        etat_des_lieux.date_etat_des_lieux,
        make_date(millesimes.millesime, 1, 1) as date_parc,
        make_date(year(etat_des_lieux.date_etat_des_lieux), 12, 31) as fin_annee
    from ref.etat_des_lieux
    inner join intermediaire.millesimes on millesimes.usage = 'etat'
),

situees as (
    select
        programmes.*,
        coalesce(
            programmes.statut = 'livre'
            and programmes.date_livraison between dates.date_parc and dates.date_etat_des_lieux,
            false
        ) as est_livree,
        case
            when programmes.date_livraison > dates.date_etat_des_lieux then programmes.date_livraison
            else programmes.date_livraison_prevue
        end as date_attendue,
        dates.date_etat_des_lieux,
        dates.fin_annee
    from staging.programmes_neufs as programmes
    cross join dates
    where not (
        programmes.statut = 'abandonne' and coalesce(programmes.date_statut <= dates.date_etat_des_lieux, true)
    )
)

select
    unnest([situees.code_reservataire, '_bailleur']) as code_reservataire,
    situees.code_reservataire as code_titulaire,
    coalesce(conventions.libelle, situees.code_reservataire) as libelle_reservataire,
    situees.operation,
    nom_normalise(situees.operation) || ' ' || coalesce(situees.code_insee, nom_normalise(situees.commune))
        as cle_operation,
    situees.commune,
    situees.nb_logements,
    situees.nb_ds,
    situees.nb_du_premier_tour,
    situees.nb_du_parc,
    situees.numeros_convention,
    situees.est_livree,
    if(situees.est_livree, situees.date_livraison, situees.date_attendue) as date_livraison,
    if(
        situees.est_livree,
        'Livrée, entre au RPLS suivant',
        if(situees.date_attendue <= situees.date_etat_des_lieux, 'Prévue, pas encore livrée', 'Livraison prévue')
    ) as libelle_statut,
    situees.fichier,
    situees.feuille,
    situees.ligne
from situees
left join intermediaire.conventions
    on situees.code_reservataire = conventions.code_reservataire and conventions.numero = 1
where
    situees.est_livree
    or (
        -- livrée avant ce RPLS : elle y est déjà
        not (situees.statut = 'livre' and coalesce(situees.date_livraison <= situees.date_etat_des_lieux, true))
        and situees.date_attendue <= situees.fin_annee
    )
