-- Part de chaque convention de même famille (État, garants de R.441-5-3) sur un territoire, nommé par la première des
-- conventions qui le tiennent, au prorata du parc soumis qu'elle y tient, et ce qui en vient de garanties d'emprunt, au
-- moins et au plus.
-- Source : CCH R.441-5-2 et R.441-5-3.
-- Grain : un territoire et une convention qui a des logements sur son territoire.
-- Clé : id_convention, id_convention_couvrante
with

communs as (
    select
        territoires_plafonnes.id_convention,
        territoires_plafonnes.famille,
        couvrants.id_convention as id_convention_couvrante,
        territoires_plafonnes.nb_soumis as nb_soumis_territoire,
        sum(lieux_plafonnes.nb_soumis) as nb_soumis
    from intermediaire.territoires_plafonnes
    inner join intermediaire.lieux_plafonnes on territoires_plafonnes.id_convention = lieux_plafonnes.id_convention
    inner join intermediaire.lieux_plafonnes as couvrants
        on lieux_plafonnes.famille = couvrants.famille and lieux_plafonnes.id_lieu = couvrants.id_lieu
    where territoires_plafonnes.id_convention = territoires_plafonnes.id_convention_type
    group by all
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
            part_de_montants(calcul_flux.i, coalesce(droits.garanties, 0), droits.tous)
        ) as part_garanties,
        if(
            coalesce(droits.tous, 0) = 0,
            calcul_flux.i,
            part_de_montants(calcul_flux.i, coalesce(droits.garanties_possibles, 0), droits.tous)
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
    part_de(couvrantes.part, communs.nb_soumis, communs.nb_soumis_territoire) as part_brute,
    part_de(couvrantes.part_garanties, communs.nb_soumis, communs.nb_soumis_territoire) as part_garanties,
    part_de(couvrantes.part_garanties_max, communs.nb_soumis, communs.nb_soumis_territoire) as part_garanties_max
from communs
inner join couvrantes on communs.id_convention_couvrante = couvrantes.id_convention
where communs.nb_soumis > 0
