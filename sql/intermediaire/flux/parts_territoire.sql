-- Part des conventions de même famille (État, collectivités) qui couvrent tout le territoire d'une convention,
-- et ce qui en vient de garanties d'emprunt.
-- Grain : une convention et une convention qui couvre son territoire.
-- Clé : id_convention, id_convention_couvrante
with

territoires as (
    select distinct
        perimetres_lieux.id_convention,
        types_reservataire.famille,
        lieux.code_commune
    from intermediaire.perimetres_lieux
    inner join intermediaire.parc_lieux using (usage, profil, id_lieu)
    inner join intermediaire.lieux on perimetres_lieux.id_lieu = lieux.id_lieu
    inner join intermediaire.conventions_datees as conventions
        on perimetres_lieux.id_convention = conventions.id_convention
    inner join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
    where perimetres_lieux.usage = 'annexe' and types_reservataire.famille in ('etat', 'collectivite')
),

tailles as (
    select
        id_convention,
        count(*) as nb_communes
    from territoires
    group by id_convention
),

couvertures as (
    select
        territoires.id_convention,
        territoires.famille,
        couvrants.id_convention as id_convention_couvrante
    from territoires
    inner join tailles on territoires.id_convention = tailles.id_convention
    inner join territoires as couvrants
        on territoires.famille = couvrants.famille and territoires.code_commune = couvrants.code_commune
    group by territoires.id_convention, territoires.famille, couvrants.id_convention, tailles.nb_communes
    having count(*) = tailles.nb_communes
),

droits as (
    select
        id_convention,
        sum(nb_droits_comptes) filter (where origine_droit = 'garantie_emprunt') as garanties,
        sum(nb_droits_comptes) as tous
    from intermediaire.droits_en_cours
    where est_compte
    group by id_convention
),

couvrantes as (
    select
        conventions.id_convention,
        conventions.code_reservataire,
        conventions.type_reservataire,
        calcul_flux.i,
        part_de(conventions.taux_retrocession_pct, 1, 100) as part_retrocedee,
        part_de(calcul_flux.i, unites(coalesce(droits.garanties, 0)), unites(droits.tous)) as part_garanties
    from intermediaire.conventions_datees as conventions
    inner join intermediaire.calcul_flux
        on conventions.id_convention = calcul_flux.id_convention and calcul_flux.usage = 'annexe'
    left join droits on conventions.id_convention = droits.id_convention
)

select
    couvertures.id_convention,
    couvertures.famille,
    couvertures.id_convention_couvrante,
    couvrantes.code_reservataire as reservataire,
    couvrantes.type_reservataire,
    couvrantes.i + couvrantes.part_retrocedee as part_brute,
    couvrantes.part_garanties
from couvertures
inner join couvrantes on couvertures.id_convention_couvrante = couvrantes.id_convention
