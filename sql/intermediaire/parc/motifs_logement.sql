-- Motifs qui mettent un logement du parc hors flux à la date de chaque usage, dans l'ordre où le premier l'emporte.
-- Source : contrat, « Exclusions ».
-- Grain : un usage et un motif d'un logement.
-- Clé : usage, id_logement, origine_motif, motif_exclusion
with

etats as (
    select
        usage,
        millesime,
        date_etat
    from intermediaire.millesimes
),

declares as (
    select distinct
        etats.usage,
        parc.id_logement,
        parc.id_lieu,
        exclusions.motif_exclusion,
        'exclusions' as origine_motif,
        0 as rang_origine
    from intermediaire.parc
    inner join etats on parc.millesime = etats.millesime
    inner join staging.exclusions on parc.id_logement = exclusions.id_logement
    where
        coalesce(exclusions.date_debut <= etats.date_etat, true)
        and coalesce(exclusions.date_fin >= etats.date_etat, true)
),

lus as (
    select
        etats.usage,
        parc.id_logement,
        parc.id_lieu,
        unnest([
            if(parc.typeconst = 'E', 'foyer_residence', null),
            if(parc.finan = '16', 'pli_libre', null),
            if(
                parc.cat_org in ('251', '259') and parc.conv = '2' and length(parc.code_departement) = 2,
                'sem_non_apl', null
            ),
            if(parc.miscommercial = '1', 'vente', null),
            if(parc.annee_location >= year(etats.date_etat), 'mise_en_service', null)
        ]) as motif_exclusion,
        'rpls' as origine_motif,
        1 as rang_origine
    from intermediaire.parc
    inner join etats on parc.millesime = etats.millesime
    where
        parc.typeconst = 'E'
        or parc.finan = '16'
        or parc.cat_org in ('251', '259')
        or parc.miscommercial = '1'
        or parc.annee_location >= year(etats.date_etat)
),

reunis as (
    select * from declares
    union all
    select * from lus
    where motif_exclusion is not null
)

select
    reunis.usage,
    reunis.id_logement,
    reunis.id_lieu,
    reunis.motif_exclusion,
    reunis.origine_motif,
    reunis.rang_origine * 100 + motifs_exclusion.ordre as rang_motif,
    motifs_exclusion.option_requise
from reunis
inner join ref.motifs_exclusion on reunis.motif_exclusion = motifs_exclusion.motif_exclusion
