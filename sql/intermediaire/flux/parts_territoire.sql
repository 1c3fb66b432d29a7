-- Part de chaque convention de même famille (État, garants de R.441-5-3) sur le territoire d'une convention, au prorata
-- du parc soumis qu'elle y tient, et ce qui en vient de garanties d'emprunt, au moins et au plus.
-- Source : CCH R.441-5-2 et R.441-5-3.
-- Grain : une convention et une convention qui a des logements sur son territoire.
-- Clé : id_convention, id_convention_couvrante
with

territoires as (
    select
        perimetres_lieux.id_convention,
        if(types_reservataire.garant_plafonne = 'oui', 'garant', types_reservataire.famille) as famille,
        perimetres_lieux.id_lieu,
        parc_lieux.nb_soumis
    from intermediaire.perimetres_lieux
    inner join intermediaire.parc_lieux using (usage, profil, id_lieu)
    inner join intermediaire.conventions_datees as conventions
        on perimetres_lieux.id_convention = conventions.id_convention
    inner join ref.types_reservataire on conventions.type_reservataire = types_reservataire.type_reservataire
    where
        perimetres_lieux.usage = 'annexe'
        and (types_reservataire.famille = 'etat' or types_reservataire.garant_plafonne = 'oui')
),

tailles as (
    select
        id_convention,
        sum(nb_soumis) as nb_soumis
    from territoires
    group by id_convention
),

communs as (
    select
        territoires.id_convention,
        territoires.famille,
        couvrants.id_convention as id_convention_couvrante,
        sum(territoires.nb_soumis) as nb_soumis
    from territoires
    inner join territoires as couvrants
        on territoires.famille = couvrants.famille and territoires.id_lieu = couvrants.id_lieu
    group by territoires.id_convention, territoires.famille, couvrants.id_convention
),

-- sans origine, un droit dont l'emprunt a une fin est une garantie ; un autre peut l'être
droits as (
    select
        droits_en_cours.id_convention,
        sum(droits_en_cours.nb_droits_comptes) filter (
            where
            coalesce(droits.origine_droit, if(droits.date_fin_emprunt is null, 'inconnue', 'garantie_emprunt'))
            = 'garantie_emprunt'
        ) as garanties,
        sum(droits_en_cours.nb_droits_comptes) filter (
            where coalesce(droits.origine_droit, 'garantie_emprunt') = 'garantie_emprunt'
        ) as garanties_possibles,
        sum(droits_en_cours.nb_droits_comptes) as tous
    from intermediaire.droits_en_cours
    inner join staging.droits
        on
            droits_en_cours.fichier = droits.fichier
            and droits_en_cours.feuille = droits.feuille
            and droits_en_cours.ligne = droits.ligne
    where droits_en_cours.est_compte
    group by droits_en_cours.id_convention
),

-- sans inventaire, rien ou tout peut venir de garanties
couvrantes as (
    select
        conventions.id_convention,
        conventions.code_reservataire,
        conventions.type_reservataire,
        calcul_flux.i + part_de(conventions.taux_retrocession_pct, 1, 100) as part,
        if(
            coalesce(droits.tous, 0) = 0,
            part_de(calcul_flux.i, 0, 1),
            part_de(calcul_flux.i, unites(coalesce(droits.garanties, 0)), unites(droits.tous))
        ) as part_garanties,
        if(
            coalesce(droits.tous, 0) = 0,
            calcul_flux.i,
            part_de(calcul_flux.i, unites(coalesce(droits.garanties_possibles, 0)), unites(droits.tous))
        ) as part_garanties_max
    from intermediaire.conventions_datees as conventions
    inner join intermediaire.calcul_flux
        on conventions.id_convention = calcul_flux.id_convention and calcul_flux.usage = 'annexe'
    left join droits on conventions.id_convention = droits.id_convention
)

select
    communs.id_convention,
    communs.famille,
    communs.id_convention_couvrante,
    couvrantes.code_reservataire as reservataire,
    couvrantes.type_reservataire,
    part_de(couvrantes.part, communs.nb_soumis, tailles.nb_soumis) as part_brute,
    part_de(couvrantes.part_garanties, communs.nb_soumis, tailles.nb_soumis) as part_garanties,
    part_de(couvrantes.part_garanties_max, communs.nb_soumis, tailles.nb_soumis) as part_garanties_max
from communs
inner join tailles on communs.id_convention = tailles.id_convention
inner join couvrantes on communs.id_convention_couvrante = couvrantes.id_convention
where communs.nb_soumis > 0
