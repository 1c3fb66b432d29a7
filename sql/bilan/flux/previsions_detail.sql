-- Prévisions de soustractions de l'année suivante qui touchent le territoire d'un bilan, avec le code de l'opération,
-- l'accord du préfet et la part qui compte ; et les exclusions que le préfet a acceptées.
-- Source : CCH R.441-5, [002] art. 2, [004] art. 2-1 ; contrat, « f » et « Out ».
-- Grain : un bilan et une ligne de la table previsions, ou un motif d'exclusion et un accord.
-- Clé : aucune
with

bilans as (
    select
        bilans_a_date.id_convention,
        bilans_a_date.code_reservataire
    from intermediaire.bilans_a_date
    where bilans_a_date.usage = 'annexe'
),

previsions as (
    select
        bilans.code_reservataire,
        1 as ordre,
        coalesce(categories.libelle, 'Autres déductions') as libelle,
        previsions_retenues.echelle,
        previsions_retenues.code_territoire,
        coalesce(previsions_retenues.code_operation, '') as code_operation,
        coalesce(previsions_retenues.accord_prefet, '') as accord_prefet,
        cast(previsions_retenues.nombre as decimal(38, 6)) as prevu,
        case
            when previsions_retenues.sort_prevision <> 'retenue' then cast(0 as decimal(38, 6))
            else
                en_decimal(
                    part_de(
                        previsions_retenues.nombre,
                        parts_previsions.part_numerateur,
                        parts_previsions.part_denominateur
                    )
                )
        end as compte_prevu,
        case previsions_retenues.sort_prevision
            when 'retenue' then 'Retenue, au prorata du parc soumis'
            when 'echelle_plus_fine' then 'La même opération est prévue à une échelle plus fine'
            else 'Sans accord du préfet : ne compte pas'
        end as explication,
        previsions_retenues.fichier,
        previsions_retenues.feuille,
        previsions_retenues.ligne
    from intermediaire.previsions_retenues
    cross join bilans
    left join ref.categories on previsions_retenues.categorie = categories.categorie
    left join intermediaire.parts_previsions
        on
            parts_previsions.usage = 'annexe'
            and bilans.id_convention = parts_previsions.id_convention
            and previsions_retenues.echelle = parts_previsions.echelle
            and previsions_retenues.code_territoire = parts_previsions.code_territoire
    where
        previsions_retenues.usage = 'annexe'
        and if(
            previsions_retenues.sort_prevision = 'retenue',
            parts_previsions.part_numerateur > 0,
            bilans.code_reservataire = '_bailleur'
        )
),

-- sur plusieurs territoires d'un réservataire, une prévision est une ligne
reunies as (
    select
        code_reservataire,
        ordre,
        libelle,
        echelle,
        code_territoire,
        code_operation,
        accord_prefet,
        prevu,
        sum(compte_prevu) as compte_prevu,
        explication,
        fichier,
        feuille,
        ligne
    from previsions
    group by all
),

accords as (
    select
        perimetres.code_reservataire,
        2 as ordre,
        motifs_exclusion.libelle,
        '' as echelle,
        '' as code_territoire,
        '' as code_operation,
        exclusions.accord_prefet,
        count(distinct exclusions.id_logement) as nombre
    from staging.exclusions
    inner join intermediaire.perimetres
        on exclusions.id_logement = perimetres.id_logement and perimetres.usage = 'annexe'
    inner join ref.motifs_exclusion on exclusions.motif_exclusion = motifs_exclusion.motif_exclusion
    where exclusions.accord_prefet is not null
    group by perimetres.code_reservataire, motifs_exclusion.libelle, exclusions.accord_prefet
)

select
    code_reservataire,
    ordre,
    libelle,
    echelle,
    code_territoire,
    code_operation,
    accord_prefet,
    prevu,
    compte_prevu,
    explication,
    fichier,
    feuille,
    ligne
from reunies
union all
select
    code_reservataire,
    ordre,
    libelle,
    echelle,
    code_territoire,
    code_operation,
    accord_prefet,
    cast(nombre as decimal(38, 6)) as prevu,
    cast(nombre as decimal(38, 6)) as compte_prevu,
    'Logements exclus du flux, avec l''accord du préfet' as explication,
    '' as fichier,
    '' as feuille,
    null as ligne
from accords
