-- Demandes suivies par Action Logement, leur EPCI reconnu par son SIREN ou par son nom, leur plafond et leur
-- typologie comparables à ceux des logements.
-- Source : [000] annexe 2.
-- Grain : une ligne de la table demandes.
-- Clé : fichier, feuille, ligne
with

epcis as (
    select
        code_epci,
        any_value(libelle_epci) as libelle_epci,
        nom_normalise(any_value(libelle_epci)) as nom
    from ref.communes
    where code_epci is not null
    group by code_epci
),

noms as (
    select
        nom,
        min(code_epci) as code_epci
    from epcis
    group by nom
    having count(*) = 1
)

select
    coalesce(codes.code_epci, noms.code_epci) as code_epci,
    -- un total sans son détail n'a pas le nom de ceux que le tableau calcule
    coalesce(
        codes.libelle_epci,
        epcis_nommes.libelle_epci,
        if(est_un_total(demandes.epci), 'EPCI non renseigné', demandes.epci)
    ) as libelle_epci,
    coalesce(
        plafonds.tranche_plafond, if(est_un_total(demandes.plafond), 'Plafond non renseigné', demandes.plafond)
    ) as tranche_plafond,
    coalesce(plafonds.ordre, 9) as ordre_plafond,
    coalesce(typologies.modalite, 'non_renseigne') as typologie,
    demandes.nombre,
    demandes.fichier,
    demandes.feuille,
    demandes.ligne
from staging.demandes
left join epcis as codes on demandes.epci = codes.code_epci
left join noms on nom_normalise(demandes.epci) = noms.nom
left join epcis as epcis_nommes on noms.code_epci = epcis_nommes.code_epci
left join ref.plafonds on nom_normalise(demandes.plafond) = plafonds.nom
left join ref.libelles_inventaire as typologies
    on nom_normalise(demandes.typologie) = typologies.libelle and typologies.dimension = 'typologie'
