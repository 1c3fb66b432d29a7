-- Baux et radiations du SNE de l'exercice, appariés, avec ce que chacun dit ; vide sans la table sne ou sans
-- les attributions.
-- Grain : un bail, une radiation, ou les deux.
-- Clé : aucune
with

fournies as (
    select bool_and(est_fournie) as sont_fournies
    from ref.tables_fournies
    where table_metier in ('attributions', 'sne')
),

contingents as (
    select
        conventions.code_reservataire,
        any_value(types_reservataire.contingent_sne) as contingent_attendu
    from intermediaire.conventions
    inner join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
    group by conventions.code_reservataire
),

baux as (
    select
        attributions.*,
        liens_sne.fichier_sne,
        liens_sne.feuille_sne,
        liens_sne.ligne_sne,
        liens_sne.est_sans_nud
    from staging.attributions
    inner join raw.liens_sne
        on
            attributions.fichier = liens_sne.fichier
            and attributions.feuille = liens_sne.feuille
            and attributions.ligne = liens_sne.ligne
    where attributions.date_signature_bail is not null
),

apparies as (
    select
        baux.fichier,
        baux.feuille,
        baux.ligne,
        sne.fichier as fichier_sne,
        sne.feuille as feuille_sne,
        sne.ligne as ligne_sne,
        baux.id_decision,
        baux.code_reservataire,
        baux.id_logement,
        sne.id_logement as id_logement_sne,
        baux.date_signature_bail,
        sne.date_bail_sne,
        sne.date_radiation,
        coalesce(sne.date_radiation, sne.date_bail_sne) as date_sne,
        sne.contingent_sne,
        coalesce(baux.est_sans_nud, false) as est_sans_nud
    from baux
    full outer join staging.sne
        on baux.fichier_sne = sne.fichier and baux.feuille_sne = sne.feuille and baux.ligne_sne = sne.ligne
)

select
    apparies.*,
    contingents.contingent_attendu,
    apparies.code_reservataire is null or contingents.code_reservataire is not null as est_contingent_connu,
    -- le code seul d'un EPCI ou d'un EPT inconnu est vide : il n'est celui d'aucun bilan
    [
        apparies.code_reservataire, '_bailleur', 'epci_' || lieux.code_epci, 'ept_' || lieux.code_ept
    ] as codes_bilan,
    case
        when apparies.date_sne > apparies.date_signature_bail
            then
                fins.nb_ouvrables - debuts.nb_ouvrables - (
                    select count(*)
                    from intermediaire.jours_feries
                    where
                        jours_feries.code_departement = caracteristiques.code_departement
                        and jours_feries.date_feriee > apparies.date_signature_bail
                        and jours_feries.date_feriee <= apparies.date_sne
                        and dayofweek(jours_feries.date_feriee) <> 0
                )
    end as nb_jours_ouvrables
from apparies
cross join fournies
cross join ref.exercice
left join contingents on apparies.code_reservataire = contingents.code_reservataire
left join intermediaire.caracteristiques
    on coalesce(apparies.id_logement, apparies.id_logement_sne) = caracteristiques.id_logement
left join intermediaire.lieux on caracteristiques.id_lieu = lieux.id_lieu
left join intermediaire.calendrier as debuts on apparies.date_signature_bail = debuts.jour
left join intermediaire.calendrier as fins on apparies.date_sne = fins.jour
where
    fournies.sont_fournies
    and (
        apparies.date_signature_bail between exercice.date_debut and exercice.date_fin
        or apparies.date_bail_sne between exercice.date_debut and exercice.date_fin
    )
