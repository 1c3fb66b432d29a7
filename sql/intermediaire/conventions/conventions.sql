-- Convention en vigueur de chaque réservataire sur chaque territoire : celle qui couvre la fin de l'exercice, à
-- défaut la dernière commencée.
-- Grain : un réservataire et un territoire.
-- Clé : id_convention
with

rangees as (
    select
        reservataires.*,
        coalesce(reservataires.date_debut <= exercice.date_fin, true)
        and coalesce(reservataires.date_fin_reconduite >= exercice.date_debut, true) as est_en_vigueur,
        row_number() over (
            partition by reservataires.code_reservataire, reservataires.echelle, reservataires.code_territoire
            order by
                coalesce(reservataires.date_debut <= exercice.date_fin, true)
                and coalesce(reservataires.date_fin_reconduite >= exercice.date_fin, true) desc,
                reservataires.date_debut desc nulls last,
                reservataires.fichier asc,
                reservataires.feuille asc,
                reservataires.ligne asc
        ) as rang
    from staging.reservataires
    cross join ref.exercice
)

select
    code_reservataire || ' ' || echelle || ' ' || code_territoire as id_convention,
    code_reservataire,
    libelle,
    type_reservataire,
    siren,
    echelle,
    code_territoire,
    date_debut,
    date_fin,
    date_fin_reconduite,
    est_en_vigueur,
    mode_taux,
    taux_pct,
    taux_retrocession_pct,
    base_rotation,
    taux_rotation_pct,
    evenement_decompte,
    arrondi_etapes,
    arrondi_final,
    report_n1,
    jour_edl,
    jour_bilan,
    options,
    array_to_string(list_sort(list_filter(options, lambda o: starts_with(o, 'exclure_'))), ' ') as profil,
    list_contains(options, 'partenariat_dans_flux') as est_partenariat_dans_flux,
    modele_annexe,
    row_number() over (partition by code_reservataire order by echelle, code_territoire) as numero,
    fichier,
    feuille,
    ligne
from rangees
where rang = 1
