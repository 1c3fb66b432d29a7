-- Libérations de l'exercice de chaque bilan : du parc soumis au 1er janvier N, et les autres hors flux.
-- Source : contrat, « Releases ».
-- Grain : un bilan, un logement et une date.
-- Clé : code_reservataire, id_logement, date_evenement
with

de_l_exercice as (
    select
        liberations_uniques.*,
        parc.id_logement is not null as est_du_parc
    from intermediaire.liberations_uniques
    inner join ref.exercice on liberations_uniques.date_liberation between exercice.date_debut and exercice.date_fin
    left join intermediaire.parc
        on liberations_uniques.id_logement = parc.id_logement and exercice.annee = parc.millesime
)

select
    bilans_logement.code_reservataire,
    if(
        de_l_exercice.est_du_parc and exclusions_retenues.id_logement is null, 'liberations', 'liberations_hors_flux'
    ) as mesure,
    de_l_exercice.id_logement,
    de_l_exercice.date_liberation as date_evenement,
    'non_renseigne' as public,
    'non_renseigne' as quartile,
    de_l_exercice.fichier,
    de_l_exercice.feuille,
    de_l_exercice.ligne
from de_l_exercice
inner join intermediaire.bilans_logement on de_l_exercice.id_logement = bilans_logement.id_logement
left join intermediaire.exclusions_retenues
    on
        de_l_exercice.id_logement = exclusions_retenues.id_logement
        and bilans_logement.profil = exclusions_retenues.profil
        and exclusions_retenues.usage = 'bilan'
