-- Attributions de l'exercice et ce qui les écarte de l'échange avec Action Logement, employeur mis à part
-- ([000] annexe 3, art. 4.1). Sans donnée personnelle.
-- Grain : une décision d'attribution.
-- Clé : fichier, feuille, ligne
with

candidats as (
    select candidatures.*
    from intermediaire.candidatures
    cross join ref.exercice
    where
        candidatures.est_attribue
        and (
            candidatures.date_caleol between exercice.date_debut and exercice.date_fin
            or candidatures.date_signature_bail between exercice.date_debut and exercice.date_fin
        )
),

-- La proposition de la décision, à défaut la dernière faite sur le logement, à quiconque, pendant la même vacance.
propositions_liees as (
    select
        candidats.id_ligne,
        offres.id_offre
    from candidats
    inner join intermediaire.offres
        on
            candidats.id_logement = offres.id_logement
            and candidats.date_caleol >= offres.date_mise_a_disposition
            and candidats.date_caleol < offres.date_mise_a_disposition + interval 1 year
            and not offres.est_annulee
    left join staging.attributions as occupants
        on
            candidats.id_logement = occupants.id_logement
            and offres.date_mise_a_disposition <= occupants.date_signature_bail
            and candidats.date_caleol > occupants.date_signature_bail
    where candidats.id_offre is null and candidats.id_proposition is null and occupants.id_ligne is null
    qualify row_number() over (
        partition by candidats.id_ligne order by offres.date_mise_a_disposition desc, offres.id_offre desc
    ) = 1
),

reservataires as (
    select
        code_reservataire,
        libelle,
        type_reservataire = 'action_logement' as est_als,
        evenement_decompte
    from intermediaire.conventions
    where numero = 1
),

situees as (
    select
        candidats.*,
        coalesce(attributaires.est_als, false) as est_contingent_als,
        offres.issue,
        coalesce(
            not proposes.est_als
            and (
                proposes.evenement_decompte = 'mise_a_disposition' and not offres.est_premiere_location
                or decomptes_proposition.ligne is not null
            ),
            false
        ) as est_proposition_decomptee
    from candidats
    left join reservataires as attributaires on candidats.code_reservataire = attributaires.code_reservataire
    left join propositions_liees on candidats.id_ligne = propositions_liees.id_ligne
    left join intermediaire.offres on coalesce(candidats.id_offre, propositions_liees.id_offre) = offres.id_offre
    left join reservataires as proposes on offres.code_reservataire = proposes.code_reservataire
    left join intermediaire.faits_decompte as decomptes_proposition
        on
            offres.id_offre = decomptes_proposition.id_offre
            and decomptes_proposition.mesure = 'decompte'
            and decomptes_proposition.est_evenement_convention
),

decomptees as (
    select distinct situees.id_ligne
    from situees
    inner join intermediaire.faits_decompte
        on
            situees.code_reservataire = faits_decompte.code_reservataire
            and situees.id_logement = faits_decompte.id_logement
            and faits_decompte.date_evenement in (situees.date_caleol, situees.date_signature_bail)
            and faits_decompte.id_offre = 0
            and faits_decompte.mesure = 'decompte'
            and faits_decompte.est_evenement_convention
    where not situees.est_contingent_als
),

-- Une personne n'est transmise qu'une fois : au territoire le plus précis.
territoires as (
    select
        territoires_logement.id_logement,
        arg_min(
            conventions.code_reservataire,
            (
                list_position(['commune', 'epci', 'departement', 'bailleur'], conventions.echelle),
                conventions.id_convention
            )
        ) as code_als
    from intermediaire.territoires_logement
    semi join candidats on territoires_logement.id_logement = candidats.id_logement
    inner join intermediaire.conventions
        on
            territoires_logement.echelle = conventions.echelle
            and territoires_logement.code_territoire = conventions.code_territoire
    where conventions.type_reservataire = 'action_logement'
    group by territoires_logement.id_logement
),

droits_de_suite as (
    select
        situees.fichier,
        situees.feuille,
        situees.ligne,
        string_agg(
            distinct coalesce(reservataires.libelle, droits.code_reservataire), ', '
            order by coalesce(reservataires.libelle, droits.code_reservataire)
        ) as reservataire_ds
    from situees
    inner join staging.droits on situees.id_logement = droits.id_logement and droits.nature_droit = 'ds'
    left join reservataires on droits.code_reservataire = reservataires.code_reservataire
    where
        coalesce(droits.date_debut <= situees.date_caleol, true)
        and coalesce(droits.date_fin, droits.date_fin_emprunt + interval 5 year, situees.date_caleol)
        >= situees.date_caleol
    group by situees.fichier, situees.feuille, situees.ligne
),

adresses as (
    select
        rpls.id_logement,
        arg_max(adresses.adresse, adresses.millesime) as adresse
    from staging.adresses
    inner join staging.rpls
        on
            adresses.fichier = rpls.fichier
            and adresses.feuille = rpls.feuille
            and adresses.ligne = rpls.ligne
    where adresses.adresse <> ''
    group by rpls.id_logement
)

select
    situees.fichier,
    situees.feuille,
    situees.ligne,
    situees.id_decision,
    situees.id_logement,
    territoires.code_als,
    case
        when situees.date_signature_bail is null then 'sans_bail'
        when situees.date_signature_bail not between exercice.date_debut and exercice.date_fin then 'bail_hors_exercice'
        when coalesce(situees.designataire, '') <> 'bailleur' then 'designe_par_reservataire'
        when
            coalesce(situees.issue, '') not in ('restitution', 'carence')
            and (
                situees.code_reservataire is not null and not situees.est_contingent_als
                or situees.id_proposition is not null
                or situees.id_offre is not null
            )
            then 'logement_reserve'
        when situees.est_proposition_decomptee or decomptees.id_ligne is not null then 'deja_decompte'
        when territoires.code_als is null then 'hors_territoire'
    end as motif_dcp,
    situees.date_caleol,
    situees.date_signature_bail,
    situees.public,
    exercice.raison_sociale as nom_designataire,
    adresses.adresse,
    droits_de_suite.reservataire_ds,
    caracteristiques.financement,
    caracteristiques.qpv
from situees
cross join ref.exercice
inner join intermediaire.caracteristiques on situees.id_logement = caracteristiques.id_logement
left join decomptees on situees.id_ligne = decomptees.id_ligne
left join territoires on situees.id_logement = territoires.id_logement
left join droits_de_suite
    on
        situees.fichier = droits_de_suite.fichier
        and situees.feuille = droits_de_suite.feuille
        and situees.ligne = droits_de_suite.ligne
left join adresses on situees.id_logement = adresses.id_logement
