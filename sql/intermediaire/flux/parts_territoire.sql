-- Part des conventions de même famille (État, collectivités) qui couvrent tout le territoire d'une convention,
-- et ce qui en vient de garanties d'emprunt.
-- Grain : une convention et une convention qui couvre son territoire.
-- Clé : id_convention, id_convention_couvrante
with

territoires as (
    select distinct
        perimetres.id_convention,
        types_reservataire.famille,
        parc.code_commune
    from intermediaire.perimetres
    inner join intermediaire.millesimes on perimetres.millesime = millesimes.millesime and millesimes.usage = 'annexe'
    inner join intermediaire.parc
        on perimetres.millesime = parc.millesime and perimetres.id_logement = parc.id_logement
    inner join intermediaire.conventions on perimetres.id_convention = conventions.id_convention
    inner join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
    where types_reservataire.famille in ('etat', 'collectivite')
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
        sum(nombre_droits) filter (where origine_droit = 'garantie_emprunt') as garanties,
        sum(nombre_droits) as tous
    from intermediaire.droits_en_cours
    where est_compte
    group by id_convention
),

-- une fraction par étape : les fonctions sur fractions imbriquées coûtent cher à préparer
couvrantes as (
    select
        conventions.id_convention,
        conventions.code_reservataire,
        conventions.type_reservataire,
        calcul_flux.i,
        rapport(conventions.taux_retrocession_pct, 100) as part_retrocedee,
        rapport(coalesce(droits.garanties, 0), droits.tous) as garanties
    from intermediaire.conventions
    inner join intermediaire.calcul_flux on conventions.id_convention = calcul_flux.id_convention
    left join droits on conventions.id_convention = droits.id_convention
)

select
    couvertures.id_convention,
    couvertures.famille,
    couvertures.id_convention_couvrante,
    couvrantes.code_reservataire as reservataire,
    couvrantes.type_reservataire,
    somme(couvrantes.i, couvrantes.part_retrocedee) as part_brute,
    produit(couvrantes.i, couvrantes.garanties) as part_garanties
from couvertures
inner join couvrantes on couvertures.id_convention_couvrante = couvrantes.id_convention
