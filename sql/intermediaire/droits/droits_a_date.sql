-- Droits de réservation à chaque date utile (annexe, état des lieux, état précédent) : commencés, non éteints,
-- situés ou non sur le périmètre.
-- Source : contrat, « Part ».
-- Grain : un usage, une ligne de la table droits et une convention.
-- Clé : usage, id_convention, fichier, feuille, ligne
with

dates as (
    select
        usage,
        millesime,
        date_etat
    from intermediaire.millesimes
    where usage <> 'bilan'
),

dates_de_fin as (
    select
        droits.*,
        coalesce(
            droits.date_fin,
            if(
                droits.origine_droit = 'garantie_emprunt', cast(droits.date_fin_emprunt + interval 5 year as date), null
            )
        ) as date_extinction
    from staging.droits
),

situes as (
    select
        dates_de_fin.*,
        dates.usage,
        dates.date_etat,
        conventions.id_convention,
        perimetres.id_logement is not null as est_sur_perimetre,
        -- sans logement désigné, le droit vaut sur le territoire de la convention si sa description ne dit pas le contraire
        dates_de_fin.id_logement is null
        and coalesce(droits_localises.code_commune = territoires_convention.code_commune, true)
        and coalesce(droits_localises.code_epci = territoires_convention.code_epci, true)
        and coalesce(list_has_any(droits_localises.departements, territoires_convention.departements), true)
            as est_sans_logement
    from dates_de_fin
    cross join dates
    inner join intermediaire.conventions on dates_de_fin.code_reservataire = conventions.code_reservataire
    left join intermediaire.perimetres
        on
            conventions.id_convention = perimetres.id_convention
            and dates.millesime = perimetres.millesime
            and dates_de_fin.id_logement = perimetres.id_logement
    inner join intermediaire.territoires_convention
        on conventions.id_convention = territoires_convention.id_convention
    left join intermediaire.droits_localises
        on
            dates_de_fin.fichier = droits_localises.fichier
            and dates_de_fin.feuille = droits_localises.feuille
            and dates_de_fin.ligne = droits_localises.ligne
)

select
    usage,
    id_convention,
    code_reservataire,
    id_logement,
    nature_droit,
    origine_droit,
    nombre_droits,
    date_debut,
    date_extinction,
    coalesce(date_debut <= date_etat, true) as est_commence,
    coalesce(date_extinction < date_etat, false) as est_eteint,
    est_sur_perimetre or est_sans_logement as est_situe,
    nature_droit in ('ds', 'contingent')
    and coalesce(date_debut <= date_etat, true)
    and not coalesce(date_extinction < date_etat, false)
    and (est_sur_perimetre or est_sans_logement) as est_compte,
    fichier,
    feuille,
    ligne
from situes
