-- Logements que le RPLS déclare sortis du patrimoine à la date de l'état des lieux, avec l'année et le motif de
-- la sortie.
-- Grain : un logement.
-- Clé : id_logement
with declarees as (
    select
        rpls.id_logement,
        min(rpls.millesime) as millesime_sortie,
        arg_min(rpls.sortiepatrim, rpls.millesime) as sortiepatrim
    from staging.rpls
    inner join intermediaire.millesimes on rpls.millesime <= millesimes.millesime and millesimes.usage = 'etat'
    where rpls.sortiepatrim in ('1', '2', '3', '4', '5')
    group by rpls.id_logement
),

presents as (
    select parc.id_logement
    from intermediaire.parc
    inner join intermediaire.millesimes on parc.millesime = millesimes.millesime and millesimes.usage = 'etat'
)

select
    declarees.id_logement,
    declarees.millesime_sortie,
    declarees.millesime_sortie - 1 as annee_sortie,
    sorties_patrimoine.libelle as libelle_sortie
from declarees
inner join ref.sorties_patrimoine on declarees.sortiepatrim = sorties_patrimoine.sortiepatrim
anti join presents using (id_logement)
