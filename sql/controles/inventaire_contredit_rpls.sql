-- La description d'un droit contredit le RPLS, qui fait foi ([004] art. 2). Grain : une ligne de fichier et une caractéristique.
with

decrits as (
    select
        droits.*,
        caracteristiques.typologie as typologie_rpls,
        caracteristiques.financement as financement_rpls,
        caracteristiques.qpv as qpv_rpls,
        typologies.modalite as typologie_inventaire,
        financements.modalite as financement_inventaire,
        if(droits.en_qpv = 'true', 'en_qpv', if(droits.en_qpv = 'false', 'hors_qpv', null)) as qpv_inventaire
    from staging.droits
    inner join intermediaire.caracteristiques
        on
            droits.id_logement = caracteristiques.id_logement
            and caracteristiques.origine_caracteristiques in ('rpls_n', 'rpls_n1')
    left join ref.libelles_inventaire as typologies
        on nom_normalise(droits.typologie) = typologies.libelle and typologies.dimension = 'typologie'
    left join ref.libelles_inventaire as financements
        on nom_normalise(droits.financement) = financements.libelle and financements.dimension = 'financement'
),

compares as (
    select
        code_reservataire,
        id_logement,
        fichier,
        feuille,
        ligne,
        unnest(['typologie', 'financement', 'en_qpv']) as colonne,
        unnest([typologie_inventaire, financement_inventaire, qpv_inventaire]) as selon_inventaire,
        unnest([typologie_rpls, financement_rpls, qpv_rpls]) as selon_rpls
    from decrits
)

select
    'avertissement' as gravite,
    fichier,
    feuille,
    ligne,
    colonne,
    selon_inventaire as valeur,
    'L''inventaire dit « ' || selon_inventaire || ' » pour le logement ' || id_logement || ', le RPLS dit « ' || selon_rpls
    || ' » : le RPLS fait foi.' as message,
    'Corrigez l''inventaire des droits.' as correction,
    coalesce(code_reservataire, '') as code_reservataire
from compares
where selon_inventaire <> selon_rpls and selon_rpls <> 'non_renseigne'
