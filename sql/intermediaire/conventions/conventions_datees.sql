-- Conventions avec la période pendant laquelle chacune s'applique : sur un territoire, la dernière commencée de
-- celles qui courent ; après la dernière fin, et entre deux conventions, la dernière finie s'applique encore.
-- Source : contrat, « Several conventions of one code » et « From one convention to the next ».
-- Grain : une convention et une période où elle s'applique ; sans période, elle ne s'applique jamais.
-- Clé : id_convention
with

lues as (
    select
        *,
        array_to_string(list_sort(list_filter(options, lambda o: starts_with(o, 'exclure_'))), ' ') as profil,
        rang_de_l_echelle(echelle) as rang_echelle,
        coalesce(date_debut, date '0001-01-01') as debut,
        coalesce(date_fin_reconduite, date '9999-12-31') as fin
    from staging.reservataires
),

-- le contenu départage deux lignes de mêmes dates, jamais l'ordre des fichiers
rangees as (
    select
        *,
        row_number() over (
            partition by code_reservataire, echelle, code_territoire
            order by
                debut, fin, mode_taux, taux_pct, base_rotation, taux_rotation_pct, arrondi_etapes, arrondi_final,
                evenement_decompte, report_n1, options, libelle, fichier, feuille, ligne
        ) as rang_contenu
    from lues
),

bornes as (
    select
        code_reservataire,
        echelle,
        code_territoire,
        debut as borne
    from rangees
    union
    select
        code_reservataire,
        echelle,
        code_territoire,
        cast(fin + 1 as date) as borne
    from rangees
    where fin < date '9999-12-31'
),

segments as (
    select
        rangees.code_reservataire,
        rangees.echelle,
        rangees.code_territoire,
        bornes.borne,
        rangees.rang_contenu
    from bornes
    inner join rangees
        on
            bornes.code_reservataire = rangees.code_reservataire
            and bornes.echelle = rangees.echelle
            and bornes.code_territoire = rangees.code_territoire
            and bornes.borne >= rangees.debut
    qualify row_number() over (
        partition by rangees.code_reservataire, rangees.echelle, rangees.code_territoire, bornes.borne
        order by
            rangees.fin >= bornes.borne desc,
            if(rangees.fin >= bornes.borne, rangees.debut, rangees.fin) desc,
            rangees.debut desc,
            rangees.rang_contenu desc
    ) = 1
),

changements as (
    select *
    from segments
    qualify rang_contenu is distinct from lag(rang_contenu) over (
        partition by code_reservataire, echelle, code_territoire order by borne
    )
),

periodes as (
    select
        *,
        cast(
            lead(borne, 1, date '9999-12-31' + 1) over (
                partition by code_reservataire, echelle, code_territoire order by borne
            ) - 1 as date
        ) as fin_effet,
        row_number() over (
            partition by code_reservataire, echelle, code_territoire, rang_contenu order by borne
        ) as numero_periode
    from changements
)

select
    rangees.code_reservataire || ' ' || rangees.echelle || ' ' || rangees.code_territoire
    || coalesce(' ' || rangees.date_debut, '')
    || if(
        row_number() over (
            partition by rangees.code_reservataire, rangees.echelle, rangees.code_territoire, rangees.date_debut
            order by rangees.rang_contenu, periodes.borne
        ) > 1,
        ' n° ' || rangees.rang_contenu || '.' || coalesce(periodes.numero_periode, 0),
        ''
    ) as id_convention,
    rangees.code_reservataire,
    rangees.libelle,
    rangees.type_reservataire,
    rangees.siren,
    rangees.echelle,
    rangees.code_territoire,
    rangees.rang_echelle,
    rangees.date_debut,
    rangees.date_fin,
    rangees.date_fin_reconduite,
    periodes.borne as debut_effet,
    periodes.fin_effet,
    rangees.mode_taux,
    rangees.taux_pct,
    rangees.taux_retrocession_pct,
    rangees.taux_recu_pct,
    rangees.base_rotation,
    rangees.taux_rotation_pct,
    rangees.evenement_decompte,
    rangees.arrondi_etapes,
    rangees.arrondi_final,
    rangees.report_n1,
    rangees.jour_edl,
    rangees.jour_bilan,
    rangees.options,
    rangees.profil,
    rangees.type_reservataire in ('commune', 'epci')
    or list_contains(rangees.options, 'prolongation_garantie') as est_garantie_prolongee,
    list_contains(rangees.options, 'partenariat_dans_flux') as est_partenariat_dans_flux,
    rangees.modele_annexe,
    rangees.fichier,
    rangees.feuille,
    rangees.ligne
from rangees
left join periodes using (code_reservataire, echelle, code_territoire, rang_contenu)
