-- Descriptions de l'inventaire des droits que le RPLS contredit : il fait foi.
-- Source : [004] art. 2.
-- Grain : une ligne de la table droits et une caractéristique.
-- Clé : fichier, feuille, ligne, colonne
with

inventaire as (
    select
        droits.*,
        typologies.modalite as typologie_inventaire,
        financements.modalite as financement_inventaire,
        if(droits.en_qpv = 'true', 'en_qpv', if(droits.en_qpv = 'false', 'hors_qpv', null)) as qpv_inventaire,
        coalesce(
            codes.code_commune_actuelle, par_nom.code_commune, par_code.code_commune
        ) as commune_inventaire
    from staging.droits
    left join ref.libelles_inventaire as typologies
        on nom_normalise(droits.typologie) = typologies.libelle and typologies.dimension = 'typologie'
    left join ref.libelles_inventaire as financements
        on nom_normalise(droits.financement) = financements.libelle and financements.dimension = 'financement'
    left join ref.communes as codes on droits.commune = codes.code_commune
    -- le département est écrit par son nom, ou par son code
    left join intermediaire.communes_par_nom as par_nom
        on nom_normalise(droits.commune) = par_nom.nom and nom_normalise(droits.departement) = par_nom.nom_departement
    left join intermediaire.communes_par_nom as par_code
        on
            nom_normalise(droits.commune) = par_code.nom
            and nom_normalise(droits.departement) = lower(par_code.code_departement)
    where droits.id_logement is not null
),

compares as (
    select
        inventaire.code_reservataire,
        inventaire.id_logement,
        inventaire.fichier,
        inventaire.feuille,
        inventaire.ligne,
        unnest(['typologie', 'financement', 'en_qpv', 'commune', 'collectif_individuel']) as colonne,
        unnest([
            inventaire.typologie_inventaire,
            inventaire.financement_inventaire,
            inventaire.qpv_inventaire,
            inventaire.commune_inventaire,
            inventaire.collectif_individuel
        ]) as selon_inventaire,
        unnest([
            nullif(caracteristiques.typologie, 'non_renseigne'),
            nullif(caracteristiques.financement, 'non_renseigne'),
            nullif(caracteristiques.qpv, 'non_renseigne'),
            communes.code_commune_actuelle,
            case caracteristiques.typeconst when 'C' then 'collectif' when 'I' then 'individuel' end
        ]) as selon_rpls
    from inventaire
    inner join intermediaire.caracteristiques on inventaire.id_logement = caracteristiques.id_logement
    left join ref.communes on caracteristiques.commune = communes.code_commune
    where caracteristiques.origine_caracteristiques in ('rpls_n', 'rpls_n1')
)

select *
from compares
where selon_inventaire <> selon_rpls
