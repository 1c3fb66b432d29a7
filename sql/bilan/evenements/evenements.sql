-- Tout ce qui est compté dans un bilan, parc compris, avec ses caractéristiques et sa ligne d'origine : chaque chiffre
-- est un regroupement de cette vue.
-- Grain : une chose comptée, une mesure et un bilan.
-- Clé : aucune
-- Forme : vue
select
    code_reservataire,
    mesure,
    id_logement,
    date_evenement,
    typologie,
    financement,
    qpv,
    commune,
    periode_construction,
    epci,
    accessibilite,
    public,
    quartile,
    fichier,
    feuille,
    ligne,
    exercice.annee,
    exercice.siren_bailleur,
    exercice.raison_sociale as bailleur
from intermediaire.evenements_comptes
cross join ref.exercice
union all
select
    perimetres.code_reservataire,
    unnest(if(perimetres.est_soumis, ['parc_total', 'parc_soumis'], ['parc_total'])) as mesure,
    parc.id_logement,
    make_date(parc.millesime, 1, 1) as date_evenement,
    parc.typologie,
    parc.financement,
    parc.qpv,
    coalesce(parc.code_commune, 'non_renseigne') as commune,
    parc.periode_construction,
    coalesce(parc.code_epci, 'non_renseigne') as epci,
    parc.accessibilite,
    'non_renseigne' as public,
    'non_renseigne' as quartile,
    rpls.fichier,
    rpls.feuille,
    rpls.ligne,
    exercice.annee,
    exercice.siren_bailleur,
    exercice.raison_sociale as bailleur
from intermediaire.perimetres
inner join intermediaire.parc
    on perimetres.millesime = parc.millesime and perimetres.id_logement = parc.id_logement
inner join staging.rpls on parc.millesime = rpls.millesime and parc.id_logement = rpls.id_logement
cross join ref.exercice
where perimetres.usage = 'bilan'
