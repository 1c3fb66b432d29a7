-- État de chaque droit de réservation à la date de l'état des lieux et à la précédente, et pourquoi et quand il
-- finit.
-- Source : [001] art. 3, [004] art. 3.
-- Grain : une ligne de la table droits.
-- Clé : fichier, feuille, ligne
with

places as (
    select
        fichier,
        feuille,
        ligne,
        bool_or(est_situe) filter (where usage = 'etat') as est_situe,
        bool_or(est_compte) filter (where usage = 'etat') as est_compte,
        max(date_extinction) filter (where usage = 'etat') as date_extinction
    from intermediaire.droits_a_date
    group by fichier, feuille, ligne
),

fins as (
    select
        droits.*,
        sorties_parc.annee_sortie,
        sorties_parc.millesime_sortie,
        sorties_parc.libelle_sortie,
        coalesce(
            places.date_extinction,
            fin_du_droit(
                droits.date_fin,
                droits.origine_droit,
                droits.date_fin_emprunt,
                coalesce(conventions.est_garantie_prolongee, false)
            )
        ) as date_extinction,
        -- la sortie du parc éteint le droit si rien ne l'avait éteint avant l'année de la sortie
        sorties_parc.id_logement is not null
        and (date_extinction is null or date_extinction >= make_date(sorties_parc.annee_sortie, 1, 1)) as est_sorti
    from staging.droits
    left join intermediaire.sorties_parc on droits.id_logement = sorties_parc.id_logement
    left join places using (fichier, feuille, ligne)
    left join intermediaire.conventions
        on droits.code_reservataire = conventions.code_reservataire and conventions.numero = 1
),

motives as (
    select
        fins.* replace (if(fins.est_sorti, null, fins.date_extinction) as date_extinction),
        case
            when fins.est_sorti then 'sortie_parc'
            when fins.date_fin is not null then 'date_fin'
            when fins.date_extinction is not null then 'emprunt_rembourse'
            when fins.origine_droit = 'garantie_emprunt' then 'emprunt_inconnu'
            else 'sans_terme'
        end as motif_fin,
        etat_des_lieux.date_etat_des_lieux,
        etat_des_lieux.date_etat_precedent,
        millesimes.millesime as millesime_etat
    from fins
    cross join ref.etat_des_lieux
    inner join intermediaire.millesimes on millesimes.usage = 'etat'
),

dates as (
    select
        *,
        coalesce(date_debut > date_etat_des_lieux, false) as est_futur,
        coalesce(date_debut > date_etat_precedent, false) as etait_futur,
        est_sorti or coalesce(date_extinction < date_etat_des_lieux, false) as est_eteint,
        coalesce(est_sorti and millesime_sortie < millesime_etat, false)
        or coalesce(date_extinction < date_etat_precedent, false) as etait_eteint
    from motives
)

select
    dates.* exclude (est_futur, etait_futur, etait_eteint),
    case when dates.est_eteint then 'eteint' when dates.est_futur then 'pas_commence' else 'en_cours' end as etat_droit,
    dates.etait_futur and not dates.est_futur as est_nouveau,
    dates.est_eteint and not dates.etait_eteint and not dates.est_futur as est_eteint_depuis,
    coalesce(places.est_situe, false) as est_situe,
    coalesce(places.est_compte, false) as est_compte,
    if(
        dates.id_logement is null, 0, count(*)
        filter (where dates.nature_droit in ('ds', 'contingent') and not dates.est_eteint and not dates.est_futur)
            over (partition by dates.id_logement)
    ) as nb_droits_logement
from dates
left join places on dates.fichier = places.fichier and dates.feuille = places.feuille and dates.ligne = places.ligne
