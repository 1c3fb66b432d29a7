-- Logements identifiés, hors flux, des services de défense, de sécurité intérieure et de santé : ceux de l'inventaire des
-- droits et ceux que la table exclusions leur réserve, avec ce qui y a été attribué et loué dans l'exercice.
-- Source : CCH R.441-5, L.441-1 al. 39 ; contrat, « Out ».
-- Grain : un bilan, un réservataire sans objectif et un logement.
-- Clé : code_reservataire, code_titulaire, id_logement
with

titulaires as (
    select
        conventions.code_reservataire,
        conventions.type_reservataire,
        conventions.echelle,
        conventions.code_territoire
    from intermediaire.conventions
    inner join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
    where types_reservataire.sans_objectif = 'oui'
),

identifies as (
    select
        titulaires.code_reservataire,
        droits.id_logement,
        'Inventaire des droits' as origine,
        droits.date_debut,
        droits.date_fin
    from staging.droits
    inner join titulaires on droits.code_reservataire = titulaires.code_reservataire
    where droits.id_logement is not null
    union all
    select
        titulaires.code_reservataire,
        exclusions.id_logement,
        'Table exclusions' as origine,
        exclusions.date_debut,
        exclusions.date_fin
    from staging.exclusions
    inner join titulaires on exclusions.motif_exclusion = titulaires.type_reservataire
    inner join intermediaire.territoires_logement
        on
            exclusions.id_logement = territoires_logement.id_logement
            and titulaires.echelle = territoires_logement.echelle
            and titulaires.code_territoire = territoires_logement.code_territoire
),

en_cours as (
    select
        identifies.code_reservataire,
        identifies.id_logement,
        min(identifies.origine) || if(min(identifies.origine) < max(identifies.origine), ' et table exclusions', '')
            as origine_identification
    from identifies
    cross join ref.exercice
    where
        coalesce(identifies.date_debut <= exercice.date_fin, true)
        and coalesce(identifies.date_fin >= exercice.date_debut, true)
    group by identifies.code_reservataire, identifies.id_logement
),

actes as (
    select
        en_cours.code_reservataire,
        en_cours.id_logement,
        count(distinct candidatures.date_caleol) filter (
            where candidatures.date_caleol between exercice.date_debut and exercice.date_fin
        ) as nb_attribues,
        max(candidatures.date_signature_bail) filter (
            where candidatures.date_signature_bail between exercice.date_debut and exercice.date_fin
        ) as date_signature_bail
    from en_cours
    cross join ref.exercice
    inner join intermediaire.candidatures on en_cours.id_logement = candidatures.id_logement
    where candidatures.est_attribue
    group by en_cours.code_reservataire, en_cours.id_logement
)

select
    unnest([en_cours.code_reservataire, '_bailleur']) as code_reservataire,
    en_cours.code_reservataire as code_titulaire,
    coalesce(conventions.libelle, en_cours.code_reservataire) as libelle_reservataire,
    en_cours.id_logement,
    en_cours.origine_identification,
    coalesce(communes.libelle_commune, caracteristiques.commune) as libelle_commune,
    caracteristiques.typologie,
    caracteristiques.financement,
    caracteristiques.qpv,
    if(tables_fournies.est_fournie, coalesce(actes.nb_attribues, 0), null) as nb_attribues,
    actes.date_signature_bail
from en_cours
inner join ref.tables_fournies on tables_fournies.table_metier = 'attributions'
left join intermediaire.conventions
    on en_cours.code_reservataire = conventions.code_reservataire and conventions.numero = 1
left join intermediaire.caracteristiques on en_cours.id_logement = caracteristiques.id_logement
left join ref.communes on caracteristiques.commune = communes.code_commune
left join actes
    on en_cours.code_reservataire = actes.code_reservataire and en_cours.id_logement = actes.id_logement
