-- Taux d'orientation, de carence, d'attribution, de refus et de bail, avec leurs deux termes, et ceux de l'année
-- précédente quand les fichiers la contiennent.
-- Source : [002] art. 6.1.
-- Grain : un bilan et un taux.
-- Clé : code_reservataire, taux
with

totaux as (
    select
        code_reservataire,
        any_value(nombre) filter (where mesure = 'liberations') as liberations,
        any_value(nombre) filter (where mesure = 'mises_a_disposition') as proposes,
        any_value(nombre) filter (where mesure = 'attributions') as attribues,
        any_value(nombre) filter (where mesure = 'refus') as refus
    from bilan.mesures
    where dimension = 'total'
    group by code_reservataire
),

-- l'orientation rapporte les propositions au flux des mêmes logements, ceux du parc soumis
observes as (
    select
        code_reservataire,
        proposes,
        flux_observe
    from intermediaire.flux_observe
    where dimension = 'total'
),

suites as (
    select
        code_reservataire,
        count(*) filter (where est_carence) as carences,
        count(*) filter (where est_attribuee) as attribuees
    from intermediaire.suites_propositions
    group by code_reservataire
),

logements_attribues as (
    select
        candidats_bilan.code_reservataire,
        candidats_bilan.id_logement,
        candidats_bilan.date_caleol,
        count(candidats_bilan.reponse_candidat) as nb_reponses,
        count(candidats_bilan.id_offre) as nb_suivis,
        coalesce(bool_or(candidats_bilan.date_signature_bail <= exercice.date_fin), false) as est_loue
    from intermediaire.candidats_bilan
    inner join ref.exercice on candidats_bilan.date_caleol between exercice.date_debut and exercice.date_fin
    where candidats_bilan.est_attribue and candidats_bilan.est_droit_commun
    group by candidats_bilan.code_reservataire, candidats_bilan.id_logement, candidats_bilan.date_caleol
),

attribues as (
    select
        code_reservataire,
        sum(nb_reponses) as reponses,
        sum(nb_suivis) as suivis,
        count(*) filter (where est_loue) as loues
    from logements_attribues
    group by code_reservataire
),

termes as (
    select
        totaux.code_reservataire,
        unnest(['orientation', 'orientation_flux', 'carence', 'attribution', 'refus', 'bail']) as taux,
        unnest([
            if(totaux.proposes is null, null, coalesce(observes.proposes, 0)),
            if(totaux.proposes is null, null, coalesce(observes.proposes, 0)),
            if(totaux.proposes is null, null, coalesce(suites.carences, 0)),
            -- sans aucun lien entre attributions et propositions, la suite des propositions est inconnue
            if(totaux.attribues is null or attribues.suivis = 0, null, coalesce(suites.attribuees, 0)),
            totaux.refus,
            if(totaux.attribues is null, null, coalesce(attribues.loues, 0))
        ]) as numerateur,
        unnest([
            totaux.liberations,
            if(
                totaux.liberations is null or totaux.attribues is null,
                null,
                coalesce(observes.flux_observe, 0)
            ),
            totaux.proposes,
            totaux.proposes,
            if(totaux.attribues is null, null, coalesce(attribues.reponses, 0)),
            totaux.attribues
        ]) as denominateur
    from totaux
    left join observes on totaux.code_reservataire = observes.code_reservataire
    left join suites on totaux.code_reservataire = suites.code_reservataire
    left join attribues on totaux.code_reservataire = attribues.code_reservataire
)

select
    termes.code_reservataire,
    termes.taux,
    taux.ordre,
    taux.libelle,
    termes.numerateur,
    termes.denominateur,
    part_pct(termes.numerateur, termes.denominateur) as taux_pct,
    taux_precedents.numerateur as numerateur_precedent,
    taux_precedents.denominateur as denominateur_precedent,
    part_pct(taux_precedents.numerateur, taux_precedents.denominateur) as taux_precedent_pct,
    part_pct(termes.numerateur, termes.denominateur)
    - part_pct(taux_precedents.numerateur, taux_precedents.denominateur) as evolution_points,
    taux.explication,
    taux.source
from termes
inner join ref.taux on termes.taux = taux.taux
left join intermediaire.taux_precedents
    on termes.code_reservataire = taux_precedents.code_reservataire and termes.taux = taux_precedents.taux
