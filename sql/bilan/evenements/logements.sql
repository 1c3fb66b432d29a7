-- Logements proposés, attribués ou loués dans l'exercice, derrière les chiffres de chaque bilan, et ce qui compte pour
-- l'objectif du réservataire ; sans donnée personnelle.
-- Source : contrat, `logements_`.
-- Grain : un bilan, un réservataire, un logement, une proposition et une attribution.
-- Clé : aucune
with

-- une attribution : tous ses candidats d'un réservataire, sous le candidat retenu
attribuees as (
    select
        *,
        bool_or(est_attribue_droit_commun and est_premiere_location) over (
            partition by code_reservataire, id_logement, date_caleol
        ) as est_en_stock,
        bool_or(est_attribue_droit_commun) over (
            partition by code_reservataire, id_logement, date_caleol
        ) as a_droit_commun
    from intermediaire.candidatures
    where est_attribue
    qualify row_number() over (
        partition by code_reservataire, id_logement, date_caleol order by not est_attribue_droit_commun, priorite
    ) = 1
),

reunies as (
    select
        coalesce(attribuees.code_reservataire, 'non_reserve') as reservataire,
        attribuees.id_logement,
        offres.id_offre,
        offres.date_mise_a_disposition,
        attribuees.date_caleol,
        attribuees.decision,
        attribuees.date_signature_bail,
        not attribuees.a_droit_commun as est_hors_flux,
        attribuees.est_en_stock as est_premiere_location,
        false as est_annulee
    from attribuees
    left join intermediaire.offres
        on attribuees.id_offre = offres.id_offre and attribuees.code_reservataire = offres.code_reservataire
    union all
    select
        offres.code_reservataire as reservataire,
        offres.id_logement,
        offres.id_offre,
        offres.date_mise_a_disposition,
        null as date_caleol,
        null as decision,
        null as date_signature_bail,
        false as est_hors_flux,
        offres.est_premiere_location,
        offres.est_annulee
    from intermediaire.offres
    anti join attribuees
        on offres.id_offre = attribuees.id_offre and offres.code_reservataire = attribuees.code_reservataire
),

decomptes as (
    select
        code_reservataire,
        id_logement,
        date_evenement,
        id_offre,
        mesure,
        evenement_decompte
    from intermediaire.faits_decompte
    where est_evenement_convention
),

rapprochees as (
    select
        reunies.*,
        par_offre.id_offre is not null as est_offre_comptee,
        par_offre.evenement_decompte as evenement_offre,
        par_attribution.mesure as mesure_attribution,
        par_bail.mesure as mesure_bail,
        row_number() over (
            partition by reunies.reservataire, reunies.id_logement, reunies.id_offre
            order by reunies.date_caleol nulls last
        ) as rang_offre,
        row_number() over (
            partition by reunies.reservataire, reunies.id_logement, reunies.date_signature_bail
            order by reunies.est_hors_flux asc, reunies.date_caleol desc
        ) as rang_bail
    from reunies
    left join decomptes as par_offre
        on reunies.id_offre = par_offre.id_offre and reunies.reservataire = par_offre.code_reservataire
    left join decomptes as par_attribution
        on
            par_attribution.id_offre = 0
            and par_attribution.evenement_decompte = 'attribution'
            and reunies.reservataire = par_attribution.code_reservataire
            and reunies.id_logement = par_attribution.id_logement
            and reunies.date_caleol = par_attribution.date_evenement
    left join decomptes as par_bail
        on
            par_bail.id_offre = 0
            and par_bail.evenement_decompte <> 'attribution'
            and reunies.reservataire = par_bail.code_reservataire
            and reunies.id_logement = par_bail.id_logement
            and reunies.date_signature_bail = par_bail.date_evenement
),

types as (
    select
        conventions.code_reservataire,
        types_reservataire.sans_objectif = 'oui' as est_sans_objectif
    from intermediaire.conventions
    inner join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
    where conventions.numero = 1
),

motivees as (
    select
        rapprochees.*,
        conventions_evenements.evenement_decompte as evenement_attendu,
        case
            when rapprochees.est_offre_comptee and rapprochees.rang_offre > 1 then 'deja_compte'
            when rapprochees.evenement_offre = 'mise_a_disposition' then 'mise_a_disposition'
            when rapprochees.mesure_attribution = 'decompte' then 'attribution'
            when rapprochees.mesure_bail is not null and rapprochees.rang_bail > 1 then 'deja_compte'
            when rapprochees.mesure_bail = 'decompte' then 'bail'
            when rapprochees.est_offre_comptee and rapprochees.decision is not null then 'refus'
            when rapprochees.est_offre_comptee then 'carence'
            when 'partenariat' in (rapprochees.mesure_attribution, rapprochees.mesure_bail) then 'partenariat'
            when rapprochees.est_annulee then 'annulation'
            when rapprochees.est_hors_flux then 'hors_flux'
            when rapprochees.est_premiere_location then 'premiere_location'
            when rapprochees.reservataire = 'non_reserve' then 'non_reserve'
            when coalesce(types.est_sans_objectif, true) then 'sans_objectif'
            when conventions_evenements.id_convention is null then 'avant_convention'
            else 'sans_evenement'
        end as motif_decompte
    from rapprochees
    left join types on rapprochees.reservataire = types.code_reservataire
    left join intermediaire.conventions_evenements
        on
            rapprochees.reservataire = conventions_evenements.code_reservataire
            and rapprochees.id_logement = conventions_evenements.id_logement
            and coalesce(rapprochees.date_signature_bail, rapprochees.date_caleol, rapprochees.date_mise_a_disposition)
            = conventions_evenements.date_evenement
    cross join ref.exercice
    where
        rapprochees.date_mise_a_disposition between exercice.date_debut and exercice.date_fin
        or rapprochees.date_caleol between exercice.date_debut and exercice.date_fin
        or rapprochees.date_signature_bail between exercice.date_debut and exercice.date_fin
        or rapprochees.est_offre_comptee
),

adresses as (
    select
        rpls.id_logement,
        adresses.adresse
    from staging.adresses
    inner join staging.rpls
        on
            adresses.fichier = rpls.fichier
            and adresses.feuille = rpls.feuille
            and adresses.ligne = rpls.ligne
    where adresses.adresse <> ''
    qualify row_number() over (
        partition by rpls.id_logement order by adresses.millesime desc, adresses.adresse asc
    ) = 1
),

par_bilan as (
    select
        reservataire as code_reservataire,
        motivees.*
    from motivees
    where reservataire <> 'non_reserve'
    union all
    select
        bilans_ensemble.code_reservataire,
        motivees.*
    from motivees
    inner join intermediaire.bilans_ensemble on motivees.id_logement = bilans_ensemble.id_logement
)

select
    exercice.annee,
    par_bilan.code_reservataire,
    par_bilan.reservataire,
    coalesce(conventions.libelle, 'Non réservé') as libelle_reservataire,
    par_bilan.id_logement as ident_rep,
    adresses.adresse,
    caracteristiques.commune,
    communes.libelle_modalite as libelle_commune,
    caracteristiques.typologie,
    caracteristiques.financement,
    caracteristiques.qpv,
    quartiers.libelle_modalite as libelle_qpv,
    coalesce(par_bilan.id_offre, 0) as id_offre,
    par_bilan.date_mise_a_disposition,
    par_bilan.date_caleol,
    par_bilan.decision,
    decisions.libelle as libelle_decision,
    par_bilan.date_signature_bail,
    motifs_decompte.compte,
    par_bilan.motif_decompte,
    if(
        par_bilan.motif_decompte = 'sans_evenement',
        coalesce(evenements_decompte.libelle_absence, motifs_decompte.libelle),
        motifs_decompte.libelle
    ) as libelle_motif
from par_bilan
cross join ref.exercice
inner join intermediaire.caracteristiques on par_bilan.id_logement = caracteristiques.id_logement
inner join ref.motifs_decompte on par_bilan.motif_decompte = motifs_decompte.motif_decompte
left join intermediaire.conventions
    on par_bilan.reservataire = conventions.code_reservataire and conventions.numero = 1
left join ref.evenements_decompte on par_bilan.evenement_attendu = evenements_decompte.evenement_decompte
left join adresses on par_bilan.id_logement = adresses.id_logement
left join intermediaire.libelles_modalites as communes
    on communes.dimension = 'commune' and caracteristiques.commune = communes.modalite
left join intermediaire.libelles_modalites as quartiers
    on quartiers.dimension = 'qpv' and caracteristiques.qpv = quartiers.modalite
left join ref.indicateurs_caleol as decisions
    on decisions.rubrique = 'decision' and par_bilan.decision = decisions.modalite
semi join intermediaire.bilans on par_bilan.code_reservataire = bilans.code_reservataire
