-- Volume de droits d'Action Logement pour tout le bailleur : chaque convention (un département) côte à côte, et leur
-- somme pour les lignes qui s'additionnent.
-- Source : [000] annexe 1b, 1.1.
-- Grain : une ligne et une convention d'Action Logement, ou le total.
-- Clé : code_reservataire, ligne, code_titulaire
with

lues as (
    select
        volume_droits.*,
        coalesce(entetes.libelle_territoire, volume_droits.code_reservataire) as libelle_territoire
    from bilan.volume_droits
    left join bilan.entetes on volume_droits.code_reservataire = entetes.code_reservataire
)

select
    '_bailleur' as code_reservataire,
    code_reservataire as code_titulaire,
    libelle_territoire,
    ligne,
    ordre,
    partie,
    libelle,
    unite,
    valeur
from lues
union all
select
    '_bailleur' as code_reservataire,
    'total' as code_titulaire,
    'France entière' as libelle_territoire,
    ligne,
    ordre,
    partie,
    libelle,
    unite,
    -- une valeur inconnue rend le total inconnu
    if(count(valeur) = count(*), sum(valeur), null) as valeur
from lues
where ligne not in ('duree', 'taux')
group by ligne, ordre, partie, libelle, unite
