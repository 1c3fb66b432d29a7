-- Motifs qui mettent un logement hors flux au 1er janvier du millésime, dans l'ordre où le premier l'emporte.
-- Grain : un motif d'un logement.
-- Clé : millesime, id_logement, origine_motif, motif_exclusion
with

declares as (
    select distinct
        parc.millesime,
        parc.id_logement,
        exclusions.motif_exclusion,
        'exclusions' as origine_motif,
        0 as rang_origine
    from intermediaire.parc
    inner join staging.exclusions on parc.id_logement = exclusions.id_logement
    where
        coalesce(exclusions.date_debut <= make_date(parc.millesime, 1, 1), true)
        and coalesce(exclusions.date_fin >= make_date(parc.millesime, 1, 1), true)
),

lus as (
    select
        rpls.millesime,
        rpls.id_logement,
        unnest([
            if(rpls.typeconst = 'E', 'foyer_residence', null),
            if(rpls.finan = '16', 'pli_libre', null),
            if(
                rpls.cat_org in ('251', '259') and rpls.conv = '2' and length(rpls.code_departement) = 2,
                'sem_non_apl', null
            ),
            if(rpls.miscommercial = '1', 'vente', null),
            if(rpls.annee_location >= rpls.millesime, 'mise_en_service', null)
        ]) as motif_exclusion,
        'rpls' as origine_motif,
        1 as rang_origine
    from staging.rpls
    semi join intermediaire.parc on rpls.millesime = parc.millesime and rpls.id_logement = parc.id_logement
),

reunis as (
    select * from declares
    union all
    select * from lus
    where motif_exclusion is not null
)

select
    reunis.millesime,
    reunis.id_logement,
    reunis.motif_exclusion,
    reunis.origine_motif,
    reunis.rang_origine * 100 + motifs_exclusion.ordre as rang_motif,
    motifs_exclusion.option_requise
from reunis
inner join ref.motifs_exclusion on reunis.motif_exclusion = motifs_exclusion.motif_exclusion
