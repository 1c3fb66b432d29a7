-- Convention où compte chaque droit, à chaque date utile : celle qui tient le logement ; sans logement, la plus fine
-- dont le territoire contient le lieu décrit, à défaut partage entre celles du réservataire au prorata de la ligne c.
-- Source : contrat, « Part ».
-- Grain : un usage, une ligne de la table droits et une convention.
-- Clé : usage, id_convention, fichier, feuille, ligne
with

usages as (
    select
        usage,
        millesime
    from intermediaire.millesimes
    where usage <> 'bilan'
),

des_logements as (
    select
        usages.usage,
        perimetres_lieux.id_convention,
        1 as part_numerateur,
        1 as part_denominateur,
        droits.fichier,
        droits.feuille,
        droits.ligne
    from staging.droits
    cross join usages
    inner join intermediaire.parc on droits.id_logement = parc.id_logement and usages.millesime = parc.millesime
    inner join intermediaire.perimetres_lieux
        on
            usages.usage = perimetres_lieux.usage
            and droits.code_reservataire = perimetres_lieux.code_reservataire
            and parc.id_lieu = perimetres_lieux.id_lieu
),

sans_logement as (
    select
        usages.usage,
        droits.code_reservataire,
        droits.fichier,
        droits.feuille,
        droits.ligne,
        droits_localises.code_commune,
        droits_localises.code_epci,
        droits_localises.code_ept,
        droits_localises.departements
    from staging.droits
    cross join usages
    inner join intermediaire.droits_localises using (fichier, feuille, ligne)
    where droits.id_logement is null
),

decrits as (
    select
        sans_logement.usage,
        sans_logement.fichier,
        sans_logement.feuille,
        sans_logement.ligne,
        bilans_a_date.id_convention
    from sans_logement
    inner join intermediaire.bilans_a_date
        on
            sans_logement.usage = bilans_a_date.usage
            and sans_logement.code_reservataire = bilans_a_date.code_reservataire
    where
        case bilans_a_date.echelle
            when 'commune' then sans_logement.code_commune = bilans_a_date.code_territoire
            when 'ept' then sans_logement.code_ept = bilans_a_date.code_territoire
            when 'epci' then sans_logement.code_epci = bilans_a_date.code_territoire
            when 'departement' then sans_logement.departements = [bilans_a_date.code_territoire]
            else
                coalesce(sans_logement.code_commune, sans_logement.code_epci, sans_logement.code_ept) is not null
                or sans_logement.departements is not null
        end
    qualify row_number() over (
        partition by sans_logement.usage, sans_logement.fichier, sans_logement.feuille, sans_logement.ligne
        order by rang_de_l_echelle(bilans_a_date.echelle), bilans_a_date.code_territoire
    ) = 1
),

lignes_c as (
    select
        bilans_a_date.usage,
        bilans_a_date.code_reservataire,
        bilans_a_date.id_convention,
        cast(coalesce(sum(parc_lieux.nb_soumis), 0) as bigint) as nb_soumis
    from intermediaire.bilans_a_date
    left join intermediaire.perimetres_lieux using (usage, id_convention)
    left join intermediaire.parc_lieux
        on
            bilans_a_date.usage = parc_lieux.usage
            and bilans_a_date.profil = parc_lieux.profil
            and perimetres_lieux.id_lieu = parc_lieux.id_lieu
    where bilans_a_date.nature_bilan = 'reservataire'
    group by bilans_a_date.usage, bilans_a_date.code_reservataire, bilans_a_date.id_convention
),

parts_c as (
    select
        *,
        sum(nb_soumis) over (partition by usage, code_reservataire) as nb_soumis_code,
        count(*) over (partition by usage, code_reservataire) as nb_conventions
    from lignes_c
)

select * from des_logements
union all
select
    usage,
    id_convention,
    1 as part_numerateur,
    1 as part_denominateur,
    fichier,
    feuille,
    ligne
from decrits
union all
select
    sans_logement.usage,
    parts_c.id_convention,
    if(parts_c.nb_conventions = 1, 1, parts_c.nb_soumis) as part_numerateur,
    -- sans parc soumis nulle part, le quotient est nul : la part aussi
    cast(if(parts_c.nb_conventions = 1, 1, greatest(parts_c.nb_soumis_code, 1)) as bigint) as part_denominateur,
    sans_logement.fichier,
    sans_logement.feuille,
    sans_logement.ligne
from sans_logement
anti join decrits using (usage, fichier, feuille, ligne)
inner join parts_c
    on sans_logement.usage = parts_c.usage and sans_logement.code_reservataire = parts_c.code_reservataire
