-- Conventions de réservation, avec les valeurs par défaut du contrat ; commune d'aujourd'hui, EPT reconnus.
-- Grain : une ligne de la table reservataires.
-- Clé : fichier, feuille, ligne
with

ept as (
    select distinct code_ept
    from ref.ept
),

lus as (
    select
        reservataires.*,
        if(ept.code_ept is not null, 'ept', reservataires.echelle) as echelle_lue,
        case
            when reservataires.echelle = 'bailleur' then ''
            when reservataires.echelle = 'commune'
                then coalesce(communes.code_commune_actuelle, reservataires.code_territoire, '')
            else coalesce(reservataires.code_territoire, '')
        end as territoire_lu
    from raw.reservataires
    left join ref.communes on reservataires.code_territoire = communes.code_commune
    left join ept on if(reservataires.echelle in ('epci', 'ept'), reservataires.code_territoire, null) = ept.code_ept
)

select
    code_reservataire,
    libelle,
    type_reservataire,
    siren,
    echelle_lue as echelle,
    territoire_lu as code_territoire,
    cast(date_debut as date) as date_debut,
    cast(date_fin as date) as date_fin,
    case
        when list_contains(string_split(options, ','), 'reconduction_tacite') then null
        when list_contains(string_split(options, ','), 'reconduction_annuelle_3_ans')
            then greatest(
                cast(date_fin as date), cast(cast(date_debut as date) + interval 3 year - interval 1 day as date)
            )
        else cast(date_fin as date)
    end as date_fin_reconduite,
    mode_taux,
    cast(taux_pct as decimal(18, 6)) as taux_pct,
    cast(coalesce(taux_retrocession_pct, '0') as decimal(18, 6)) as taux_retrocession_pct,
    cast(coalesce(taux_recu_pct, '0') as decimal(18, 6)) as taux_recu_pct,
    base_rotation,
    cast(taux_rotation_pct as decimal(18, 6)) as taux_rotation_pct,
    evenement_decompte,
    coalesce(arrondi_etapes, 'aucun') as arrondi_etapes,
    coalesce(arrondi_final, 'aucun') as arrondi_final,
    coalesce(report_n1 = 'true', false) as report_n1,
    coalesce(date_edl, '30/11') as jour_edl,
    coalesce(date_bilan, '28/02') as jour_bilan,
    coalesce(string_split(options, ','), []) as options,
    modele_annexe,
    engagement,
    fichier,
    feuille,
    ligne
from lus
