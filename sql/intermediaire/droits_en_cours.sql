-- Droits de réservation au 1er janvier du millésime de l'annexe : commencés, non éteints, situés ou non sur le périmètre (contrat, « Part »). Grain : une ligne de la table droits et une convention.
-- Clé : id_convention, fichier, feuille, ligne
with

dates as (
    select
        millesime,
        date_etat
    from intermediaire.millesimes
    where usage = 'annexe'
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
        conventions.id_convention,
        conventions.echelle,
        conventions.code_territoire,
        perimetres.id_logement is not null as est_sur_perimetre,
        -- sans logement désigné, le droit vaut sur le territoire de la convention si sa description ne dit pas le contraire
        droits_localises.ligne is not null
        and coalesce(droits_localises.code_commune = territoires_convention.code_commune, true)
        and coalesce(droits_localises.code_epci = territoires_convention.code_epci, true)
        and coalesce(list_has_any(droits_localises.departements, territoires_convention.departements), true) as est_sans_logement
    from dates_de_fin
    inner join intermediaire.conventions using (code_reservataire)
    cross join dates
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
    situes.id_convention,
    situes.code_reservataire,
    situes.id_logement,
    situes.nature_droit,
    situes.origine_droit,
    situes.nombre_droits,
    situes.date_debut,
    situes.date_extinction,
    coalesce(situes.date_debut <= dates.date_etat, true) as est_commence,
    coalesce(situes.date_extinction < dates.date_etat, false) as est_eteint,
    situes.est_sur_perimetre or situes.est_sans_logement as est_situe,
    situes.nature_droit in ('ds', 'contingent')
    and coalesce(situes.date_debut <= dates.date_etat, true)
    and not coalesce(situes.date_extinction < dates.date_etat, false)
    and (situes.est_sur_perimetre or situes.est_sans_logement) as est_compte,
    situes.fichier,
    situes.feuille,
    situes.ligne
from situes
cross join dates
