-- Logements mis en location pour la première fois dans l'exercice, d'après le RPLS, et leur premier bail dans le
-- fichier des attributions.
-- Source : contrat, « First letting ».
-- Grain : un logement.
-- Clé : id_logement
with

neufs as (
    select distinct rpls.id_logement
    from staging.rpls
    inner join ref.exercice
        on
            (rpls.millesime = exercice.annee + 1 and rpls.annee_location = exercice.annee)
            or (rpls.millesime = exercice.annee and rpls.annee_location >= exercice.annee)
),

premiers_baux as (
    select
        id_logement,
        min(date_signature_bail) as date_premier_bail
    from staging.attributions
    where est_attribue
    group by id_logement
)

select
    neufs.id_logement,
    premiers_baux.date_premier_bail
from neufs
left join premiers_baux on neufs.id_logement = premiers_baux.id_logement
