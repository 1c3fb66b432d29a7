-- Croisements de deux caractéristiques, sur le périmètre de chaque bilan : par réservataire quand l'équité le demande,
-- et les motifs de refus selon le logement.
-- Source : CCH R.441-5-1, [001] art. 4 et 8, [002] art. 6.1 et 6.2, [004] art. 9.
-- Grain : un bilan, un croisement, un réservataire (vide : tous) et deux modalités.
-- Clé : code_reservataire, croisement, code_titulaire, modalite_1, modalite_2
with

motifs as (
    select
        caracteristiques.id_lieu,
        coalesce(
            candidatures.motif_refus,
            if(candidatures.reponse_candidat = 'sans_reponse', 'Sans réponse', 'Non renseigné')
        ) as motif_refus,
        caracteristiques.financement,
        caracteristiques.qpv
    from intermediaire.faits_attributions
    inner join intermediaire.candidatures
        on
            faits_attributions.fichier = candidatures.fichier
            and faits_attributions.feuille = candidatures.feuille
            and faits_attributions.ligne = candidatures.ligne
    inner join intermediaire.caracteristiques on faits_attributions.id_logement = caracteristiques.id_logement
    where faits_attributions.code_reservataire = '_bailleur' and faits_attributions.mesure = 'refus'
),

croises as (
    select
        code_perimetre,
        unnest(['commune_typologie', 'public_qpv', 'commune_qpv', 'financement_typologie']) as croisement,
        unnest([titulaire, titulaire, '', '']) as code_titulaire,
        unnest([commune, public, commune, financement]) as modalite_1,
        unnest([typologie, qpv, qpv, typologie]) as modalite_2,
        mesure,
        nombre
    from intermediaire.repartition_profils
    where mesure in ('proposes', 'attribues', 'baux_signes', 'refus')
    union all
    select
        perimetres_lieux.code_reservataire as code_perimetre,
        unnest(['motif_financement', 'motif_qpv']) as croisement,
        '' as code_titulaire,
        motif_refus as modalite_1,
        unnest([financement, qpv]) as modalite_2,
        'refus' as mesure,
        1 as nombre
    from motifs
    inner join intermediaire.perimetres_lieux
        on motifs.id_lieu = perimetres_lieux.id_lieu and perimetres_lieux.usage = 'bilan'
    semi join intermediaire.perimetres_egaux on perimetres_lieux.code_reservataire = perimetres_egaux.code_perimetre
    union all
    select
        hors_flux.code_reservataire as code_perimetre,
        'categorie_qpv' as croisement,
        coalesce(hors_flux.reservataire, 'non_reserve') as code_titulaire,
        categories.libelle as modalite_1,
        caracteristiques.qpv as modalite_2,
        'attribues' as mesure,
        1 as nombre
    from intermediaire.hors_flux
    inner join ref.categories on hors_flux.categorie = categories.categorie
    inner join intermediaire.caracteristiques on hors_flux.id_logement = caracteristiques.id_logement
    semi join intermediaire.perimetres_egaux on hors_flux.code_reservataire = perimetres_egaux.code_perimetre
),

-- une proposition n'a pas encore de public
comptes as (
    select
        code_perimetre,
        croisement,
        code_titulaire,
        modalite_1,
        modalite_2,
        coalesce(sum(nombre) filter (where mesure = 'proposes'), 0) as proposes,
        coalesce(sum(nombre) filter (where mesure = 'attribues'), 0) as attribues,
        coalesce(sum(nombre) filter (where mesure = 'baux_signes'), 0) as baux_signes,
        coalesce(sum(nombre) filter (where mesure = 'refus'), 0) as refus
    from croises
    where croisement <> 'public_qpv' or mesure <> 'proposes'
    group by code_perimetre, croisement, code_titulaire, modalite_1, modalite_2
),

fournies as (
    select
        bool_or(est_fournie) filter (where table_metier = 'propositions') as propositions_fournies,
        bool_or(est_fournie) filter (where table_metier = 'attributions') as attributions_fournies
    from ref.tables_fournies
)

select
    perimetres_egaux.code_reservataire,
    comptes.croisement,
    croisements.libelle,
    croisements.ordre,
    comptes.code_titulaire,
    case comptes.code_titulaire
        when '' then 'Tous'
        when 'non_reserve' then 'Non réservé'
        else coalesce(conventions.libelle, comptes.code_titulaire)
    end as libelle_reservataire,
    comptes.modalite_1,
    coalesce(premieres.libelle_modalite, comptes.modalite_1) as libelle_modalite_1,
    coalesce(premieres.ordre, 50) as ordre_1,
    comptes.modalite_2,
    coalesce(secondes.libelle_modalite, comptes.modalite_2) as libelle_modalite_2,
    coalesce(secondes.ordre, 50) as ordre_2,
    if(
        fournies.propositions_fournies and croisements.dimension_1 not in ('public', 'motif_refus', 'categorie'),
        cast(comptes.proposes as bigint),
        null
    ) as proposes,
    if(
        fournies.attributions_fournies and croisements.dimension_1 <> 'motif_refus',
        cast(comptes.attribues as bigint),
        null
    ) as attribues,
    if(
        fournies.attributions_fournies and croisements.dimension_1 not in ('motif_refus', 'categorie'),
        cast(comptes.baux_signes as bigint),
        null
    ) as baux_signes,
    if(fournies.attributions_fournies and croisements.dimension_1 <> 'categorie', cast(comptes.refus as bigint), null)
        as refus
from comptes
inner join intermediaire.perimetres_egaux on comptes.code_perimetre = perimetres_egaux.code_perimetre
cross join fournies
inner join ref.croisements on comptes.croisement = croisements.croisement
left join intermediaire.conventions
    on comptes.code_titulaire = conventions.code_reservataire and conventions.numero = 1
left join intermediaire.libelles_modalites as premieres
    on croisements.dimension_1 = premieres.dimension and comptes.modalite_1 = premieres.modalite
left join intermediaire.libelles_modalites as secondes
    on croisements.dimension_2 = secondes.dimension and comptes.modalite_2 = secondes.modalite
