-- Attributions, refus, baux et attributions hors flux de l'exercice.
-- Source : contrat, « Events ».
-- Grain : un bilan, une mesure, un logement et une date ; un candidat pour les refus.
-- Clé : code_reservataire, mesure, id_logement, date_evenement, id_refus
with

candidats as (
    select
        unnest([
            candidatures.code_reservataire, '_bailleur', 'epci_' || nullif(caracteristiques.epci, 'non_renseigne')
        ]) as code_bilan,
        candidatures.*
    from intermediaire.candidatures
    inner join intermediaire.caracteristiques on candidatures.id_logement = caracteristiques.id_logement
    where candidatures.est_attribue
),

mesures as (
    select
        code_bilan,
        'attributions' as mesure,
        date_caleol as date_evenement,
        '' as id_refus,
        *
    from candidats
    where est_dans_flux
    union all
    select
        code_bilan,
        'refus' as mesure,
        date_caleol as date_evenement,
        fichier || ' ' || feuille || ' ' || ligne as id_refus,
        *
    from candidats
    where est_dans_flux and reponse_candidat in ('refuse', 'sans_reponse')
    union all
    select
        code_bilan,
        'baux_signes' as mesure,
        date_signature_bail as date_evenement,
        '' as id_refus,
        *
    from candidats
    where est_dans_flux
    union all
    select
        candidats.code_bilan,
        categories.mesure,
        candidats.date_caleol as date_evenement,
        '' as id_refus,
        candidats.*
    from candidats
    inner join ref.categories on candidats.categorie = categories.categorie
)

select
    mesures.code_bilan as code_reservataire,
    mesures.mesure,
    mesures.id_logement,
    mesures.date_evenement,
    mesures.id_refus,
    arg_min(mesures.public, mesures.priorite) as public,
    arg_min(mesures.fichier, mesures.priorite) as fichier,
    arg_min(mesures.feuille, mesures.priorite) as feuille,
    arg_min(mesures.ligne, mesures.priorite) as ligne
from mesures
inner join ref.exercice on mesures.date_evenement between exercice.date_debut and exercice.date_fin
where mesures.code_bilan is not null
group by all
