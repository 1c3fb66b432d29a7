-- Logements entrés au parc et sortis du parc entre le millésime de l'état précédent et celui de l'état des
-- lieux, sur le territoire de chaque bilan.
-- Source : [001] art. 3.
-- Grain : un bilan et un logement.
-- Clé : code_reservataire, id_logement
with

dates as (
    select
        any_value(millesime) filter (where usage = 'etat') as millesime_etat,
        any_value(millesime) filter (where usage = 'etat_precedent') as millesime_precedent
    from intermediaire.millesimes
),

apres as (
    select parc.*
    from intermediaire.parc
    inner join dates on parc.millesime = dates.millesime_etat
),

avant as (
    select parc.*
    from intermediaire.parc
    inner join dates on parc.millesime = dates.millesime_precedent
),

-- sans état précédent, les entrées ne peuvent pas être établies ; les sorties sont celles que le RPLS déclare
mouvements as (
    select
        'entree' as sens,
        apres.id_logement,
        apres.millesime as millesime_lieu,
        if(
            apres.annee_location >= dates.millesime_precedent,
            'Mise en service en ' || apres.annee_location,
            'Autre entrée'
        ) as libelle_mouvement
    from apres
    inner join dates on dates.millesime_precedent is not null
    anti join avant using (id_logement)
    union all
    select
        'sortie' as sens,
        rpls.id_logement,
        rpls.millesime as millesime_lieu,
        coalesce(
            upper(left(sorties_parc.libelle_sortie, 1)) || sorties_parc.libelle_sortie[2:],
            'Absent du RPLS, sans motif déclaré'
        ) as libelle_mouvement
    from staging.rpls
    cross join dates
    left join intermediaire.sorties_parc
        on rpls.id_logement = sorties_parc.id_logement and dates.millesime_etat = sorties_parc.millesime_sortie
    left join avant on rpls.id_logement = avant.id_logement
    left join apres on rpls.id_logement = apres.id_logement
    where
        apres.id_logement is null
        and if(
            dates.millesime_precedent is null,
            rpls.millesime = dates.millesime_etat and sorties_parc.id_logement is not null,
            rpls.millesime = dates.millesime_precedent and avant.id_logement is not null
        )
),

territoires as (
    select
        mouvements.*,
        territoires_lieux.echelle,
        territoires_lieux.code_territoire
    from mouvements
    inner join intermediaire.logements_rpls
        on mouvements.id_logement = logements_rpls.id_logement and mouvements.millesime_lieu = logements_rpls.millesime
    inner join intermediaire.territoires_lieux on logements_rpls.id_lieu = territoires_lieux.id_lieu
),

droits as (
    select
        if(grouping(code_reservataire) = 1, '_bailleur', code_reservataire) as code_bilan,
        id_logement,
        sum(nombre_droits) as nb_droits_logement
    from intermediaire.droits_etat
    group by grouping sets ((code_reservataire, id_logement), (id_logement))
)

select distinct
    bilans.code_reservataire,
    territoires.id_logement,
    territoires.sens,
    if(territoires.sens = 'entree', 'Entrée', 'Sortie') as libelle_sens,
    territoires.libelle_mouvement,
    logements_decrits.ident_rep,
    logements_decrits.ident_interne,
    logements_decrits.programme as nom_residence,
    logements_decrits.libelle_commune,
    logements_decrits.libelle_qpv,
    logements_decrits.libelle_typologie,
    logements_decrits.libelle_financement,
    coalesce(droits.nb_droits_logement, 0) as nb_droits_logement
from territoires
inner join intermediaire.bilans
    on
        territoires.echelle = bilans.echelle
        and territoires.code_territoire = bilans.code_territoire
        and bilans.nature_bilan <> 'epci'
inner join intermediaire.logements_decrits on territoires.id_logement = logements_decrits.id_logement
left join droits
    on bilans.code_reservataire = droits.code_bilan and territoires.id_logement = droits.id_logement
