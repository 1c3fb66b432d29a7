-- Tableau de suivi des programmes neufs de chaque réservataire.
-- Source : [000] annexe 3.2.
-- Grain : un bilan et une ligne de la table programmes_neufs.
-- Clé : code_reservataire, fichier, feuille, ligne
with

programmes as (
    select
        unnest(codes_bilan) as code_bilan,
        *
    from intermediaire.programmes_suivis
),

-- une opération en plusieurs lignes : ses premières locations sont sur la première
rangs as (
    select
        *,
        row_number() over (
            partition by code_bilan, code_reservataire, operation order by fichier, feuille, ligne
        ) as rang
    from programmes
)

select
    programmes.code_bilan as code_reservataire,
    coalesce(conventions.libelle, programmes.code_reservataire) as libelle_reservataire,
    programmes.operation,
    programmes.commune,
    programmes.code_postal,
    programmes.adresse,
    programmes.flux_reserve,
    programmes.nb_du_premier_tour,
    programmes.nb_ds,
    programmes.nb_du_parc,
    programmes.numeros_convention,
    programmes.date_livraison_prevue,
    programmes.date_livraison,
    programmes.nb_logements,
    case
        when programmes.est_livree then 'Livrée'
        when programmes.est_abandonnee then 'Abandonnée'
        when programmes.date_reference < programmes.date_arrete then 'Non livrée, date prévue dépassée'
        when programmes.statut in ('livre', 'abandonne') then 'Engagée, non livrée'
        else statuts_programme.libelle
    end as libelle_statut,
    case
        when programmes.est_abandonnee then 4
        when programmes.est_livree then 3
        when programmes.date_livraison_prevue is null then 2
        else 1
    end as ordre,
    locations.nb_proposes,
    locations.nb_attribues,
    locations.nb_baux_signes,
    programmes.fichier,
    programmes.feuille,
    programmes.ligne
from rangs as programmes
inner join ref.statuts_programme on programmes.statut = statuts_programme.statut
left join intermediaire.conventions
    on programmes.code_reservataire = conventions.code_reservataire and conventions.numero = 1
left join bilan.premieres_locations as locations
    on
        programmes.code_bilan = locations.code_reservataire
        and programmes.code_reservataire = locations.code_titulaire
        and if(programmes.rang = 1, programmes.operation, null) = locations.operation
        and locations.dimension = 'total'
