-- En-tête de chaque bilan à livrer : qui, quel territoire, quelle convention, quelle période.
-- Grain : un bilan.
-- Clé : code_reservataire
with

epcis as (
    select
        code_epci,
        any_value(libelle_epci) as libelle_epci
    from ref.communes
    where code_epci is not null
    group by code_epci
),

territoires as (
    select
        bilans.code_reservataire,
        bilans.nature_bilan,
        string_agg(bilans.echelle, ', ' order by bilans.echelle, bilans.code_territoire) as echelle,
        string_agg(bilans.code_territoire, ', ' order by bilans.echelle, bilans.code_territoire) as code_territoire,
        string_agg(
            coalesce(
                communes.libelle_commune,
                epcis.libelle_epci,
                ept.libelle_modalite,
                departements.libelle_departement,
                'tout le parc du bailleur'
            ),
            ', ' order by bilans.echelle, bilans.code_territoire
        ) as libelle_territoire
    from intermediaire.bilans
    left join ref.communes on if(bilans.echelle = 'commune', bilans.code_territoire, null) = communes.code_commune
    left join epcis on if(bilans.echelle = 'epci', bilans.code_territoire, null) = epcis.code_epci
    left join intermediaire.libelles_modalites as ept
        on bilans.echelle = ept.dimension and ept.dimension = 'ept' and bilans.code_territoire = ept.modalite
    left join ref.departements
        on if(bilans.echelle = 'departement', bilans.code_territoire, null) = departements.code_departement
    group by bilans.code_reservataire, bilans.nature_bilan
)

select
    territoires.code_reservataire,
    territoires.nature_bilan,
    case territoires.nature_bilan
        when 'bailleur' then coalesce(nullif(exercice.raison_sociale, ''), 'Ensemble du bailleur')
        when 'epci' then territoires.libelle_territoire
        else conventions.libelle
    end as libelle,
    conventions.type_reservataire,
    types_reservataire.libelle as libelle_type,
    coalesce(types_reservataire.sans_objectif = 'oui', false) as est_sans_objectif,
    coalesce(list_contains(reservataires.options, 'sans_liste_logements'), false) as est_sans_liste,
    territoires.echelle,
    territoires.code_territoire,
    territoires.libelle_territoire,
    conventions.date_debut,
    conventions.date_fin,
    exercice.annee,
    exercice.date_fin as date_arrete,
    exercice.est_provisoire,
    conventions.evenement_decompte,
    evenements_decompte.libelle as libelle_evenement,
    conventions.arrondi_etapes,
    conventions.arrondi_final,
    conventions.modele_annexe,
    coalesce(reservataires.engagement, '') as engagement,
    if(territoires.nature_bilan = 'reservataire', territoires.code_reservataire, '_bailleur') as dossier,
    row_number()
        over (order by territoires.nature_bilan = 'epci', territoires.nature_bilan, territoires.code_reservataire)
        as ordre
from territoires
cross join ref.exercice
left join intermediaire.conventions
    on territoires.code_reservataire = conventions.code_reservataire and conventions.numero = 1
left join staging.reservataires
    on
        conventions.fichier = reservataires.fichier
        and conventions.feuille = reservataires.feuille
        and conventions.ligne = reservataires.ligne
left join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
left join ref.evenements_decompte on conventions.evenement_decompte = evenements_decompte.evenement_decompte
