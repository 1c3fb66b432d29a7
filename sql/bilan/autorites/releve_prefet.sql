-- Relevé dû au préfet avant le 1er mars, rubrique par rubrique ; ce qu'aucun fichier ne donne est vide (« non fourni »).
-- Source : arrêté du 7 mars 2008, art. 1 (texte à vérifier : sa vigueur n'est pas établie).
-- Grain : une rubrique, pour le bailleur.
-- Clé : code_reservataire, ordre
with

fournies as (
    select
        bool_or(est_fournie) filter (where table_metier = 'droits') as a_droits,
        bool_or(est_fournie) filter (where table_metier = 'attributions') as a_attributions,
        bool_or(est_fournie) filter (where table_metier = 'demandes') as a_demandes
    from ref.tables_fournies
),

droits as (
    select
        sum(etat_des_lieux.nombre_droits) filter (where types_reservataire.famille = 'etat') as etat,
        sum(etat_des_lieux.nombre_droits) filter (where types_reservataire.famille = 'collectivite') as collectivites,
        sum(etat_des_lieux.nombre_droits)
        filter (where coalesce(types_reservataire.famille, 'autre') not in ('etat', 'collectivite')) as autres
    from bilan.etat_des_lieux
    left join intermediaire.conventions
        on etat_des_lieux.code_titulaire = conventions.code_reservataire and conventions.numero = 1
    left join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
    where etat_des_lieux.code_reservataire = '_bailleur' and etat_des_lieux.etat_droit = 'en_cours'
),

mesures as (
    select
        any_value(nombre) filter (where mesure = 'parc_total') as parc_total,
        any_value(nombre) filter (where mesure = 'premieres_locations_baux') as premieres,
        any_value(nombre) filter (where mesure = 'refus') as refus
    from bilan.mesures
    where code_reservataire = '_bailleur' and dimension = 'total'
),

distincts as (
    select distinct
        acte,
        contingent,
        id_logement,
        date_evenement
    from intermediaire.actes_caleol
    where code_reservataire = '_bailleur'
),

actes as (
    select
        count(*) filter (where acte = 'bail') as baux,
        count(*) filter (where acte = 'attribution' and contingent = 'etat') as etat,
        count(*) filter (where acte = 'attribution' and contingent = 'collectivite') as collectivites,
        count(*) filter (where acte = 'attribution' and contingent = 'action_logement') as action_logement,
        count(*) filter (where acte = 'attribution' and contingent = 'non_reserve') as bailleur,
        count(*) filter (where acte = 'attribution' and contingent = 'autre') as autres
    from distincts
),

demandes as (
    select sum(nombre) as demandes from staging.demandes
),

rubriques as (
    select
        unnest([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]) as ordre,
        unnest([
            'Logements gérés',
            'Logements réservés par l''État (droits identifiés)',
            'Logements réservés par les collectivités (droits identifiés)',
            'Logements réservés par d''autres (droits identifiés)',
            'Logements mis ou remis en location dans l''année',
            'dont premières locations',
            'Logements vacants depuis plus de trois mois',
            'Attributions au titre d''un accord collectif',
            'Attributions refusées par les demandeurs',
            'Attributions : présentés par l''État',
            'Attributions : présentés par les collectivités',
            'Attributions : présentés par Action Logement',
            'Attributions : présentés par le bailleur',
            'Attributions : présentés par d''autres réservataires',
            'Bénéficiaires sous 60 % des plafonds de ressources',
            'Demandes reçues'
        ]) as rubrique_releve,
        unnest([
            cast(mesures.parc_total as decimal(18, 2)),
            if(fournies.a_droits, coalesce(droits.etat, 0), null),
            if(fournies.a_droits, coalesce(droits.collectivites, 0), null),
            if(fournies.a_droits, coalesce(droits.autres, 0), null),
            if(fournies.a_attributions, actes.baux, null),
            if(fournies.a_attributions, coalesce(mesures.premieres, 0), null),
            null,
            null,
            if(fournies.a_attributions, coalesce(mesures.refus, 0), null),
            if(fournies.a_attributions, actes.etat, null),
            if(fournies.a_attributions, actes.collectivites, null),
            if(fournies.a_attributions, actes.action_logement, null),
            if(fournies.a_attributions, actes.bailleur, null),
            if(fournies.a_attributions, actes.autres, null),
            null,
            if(fournies.a_demandes, demandes.demandes, null)
        ]) as valeur,
        unnest([
            'RPLS, au 1er janvier',
            'table droits, à la date de l''état des lieux',
            'table droits, à la date de l''état des lieux',
            'table droits, à la date de l''état des lieux',
            'baux signés de toute catégorie',
            'baux de première location',
            'aucun fichier du contrat ne date la vacance',
            'aucun fichier du contrat ne le dit',
            'candidats attributaires, refus et silences',
            'logements attribués de toute catégorie',
            'logements attribués de toute catégorie',
            'logements attribués de toute catégorie',
            'logements non réservés',
            'logements attribués de toute catégorie',
            'aucun fichier du contrat ne donne les ressources',
            'table demandes, du territoire'
        ]) as explication
    from mesures
    cross join fournies
    cross join droits
    cross join actes
    cross join demandes
)

select
    '_bailleur' as code_reservataire,
    ordre,
    rubrique_releve,
    valeur,
    explication
from rubriques
