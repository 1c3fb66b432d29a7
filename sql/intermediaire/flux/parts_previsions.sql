-- Parc soumis que chaque bilan a en commun avec le territoire de chaque prévision, et parc soumis de ce territoire
-- avec les mêmes options.
-- Source : contrat, « f ».
-- Grain : un usage, un bilan et son territoire, un territoire de prévision.
-- Clé : usage, id_convention, echelle, code_territoire
with

territoires as (
    select distinct
        usage,
        echelle,
        code_territoire
    from intermediaire.previsions_retenues
    where sort_prevision = 'retenue'
),

lieux as (
    select
        territoires.usage,
        territoires.echelle,
        territoires.code_territoire,
        territoires_lieux.id_lieu
    from territoires
    inner join intermediaire.territoires_lieux
        on
            territoires.echelle = territoires_lieux.echelle
            and territoires.code_territoire = territoires_lieux.code_territoire
),

ensembles as (
    select
        lieux.usage,
        lieux.echelle,
        lieux.code_territoire,
        parc_lieux.profil,
        sum(parc_lieux.nb_logements) as nb_logements,
        sum(parc_lieux.nb_soumis) as nb_soumis
    from lieux
    inner join intermediaire.parc_lieux on lieux.usage = parc_lieux.usage and lieux.id_lieu = parc_lieux.id_lieu
    group by lieux.usage, lieux.echelle, lieux.code_territoire, parc_lieux.profil
),

communs as (
    select
        perimetres_lieux.usage,
        perimetres_lieux.id_convention,
        perimetres_lieux.profil,
        lieux.echelle,
        lieux.code_territoire,
        sum(parc_lieux.nb_logements) as nb_logements,
        sum(parc_lieux.nb_soumis) as nb_soumis
    from lieux
    inner join intermediaire.perimetres_lieux
        on lieux.usage = perimetres_lieux.usage and lieux.id_lieu = perimetres_lieux.id_lieu
    inner join intermediaire.parc_lieux
        on
            perimetres_lieux.usage = parc_lieux.usage
            and perimetres_lieux.profil = parc_lieux.profil
            and perimetres_lieux.id_lieu = parc_lieux.id_lieu
    group by
        perimetres_lieux.usage, perimetres_lieux.id_convention, perimetres_lieux.profil,
        lieux.echelle, lieux.code_territoire
)

select
    communs.usage,
    communs.id_convention,
    communs.echelle,
    communs.code_territoire,
    cast(communs.nb_soumis as bigint) as nb_soumis_commun,
    cast(ensembles.nb_soumis as bigint) as nb_soumis_territoire,
    -- sans parc soumis, la prévision compte en entier là où tout son territoire est
    cast(
        if(ensembles.nb_soumis > 0, communs.nb_soumis, communs.nb_logements = ensembles.nb_logements) as bigint
    ) as part_numerateur,
    cast(if(ensembles.nb_soumis > 0, ensembles.nb_soumis, 1) as bigint) as part_denominateur
from communs
inner join ensembles using (usage, echelle, code_territoire, profil)
