-- Soustractions prévues ; commune d'aujourd'hui, EPT reconnus, territoire vide : le bailleur entier.
-- Grain : une ligne de la table previsions.
-- Clé : fichier, feuille, ligne
with ept as (
    select distinct code_ept
    from ref.ept
)

select
    cast(previsions.annee as integer) as annee,
    previsions.categorie,
    cast(previsions.nombre as decimal(18, 6)) as nombre,
    if(ept.code_ept is not null, 'ept', coalesce(previsions.echelle, 'bailleur')) as echelle,
    case
        when coalesce(previsions.echelle, 'bailleur') = 'bailleur' then ''
        when previsions.echelle = 'commune'
            then coalesce(communes.code_commune_actuelle, previsions.code_territoire, '')
        else coalesce(previsions.code_territoire, '')
    end as code_territoire,
    previsions.code_operation,
    previsions.accord_prefet,
    previsions.fichier,
    previsions.feuille,
    previsions.ligne
from raw.previsions
left join ref.communes on previsions.code_territoire = communes.code_commune
left join ept on if(previsions.echelle in ('epci', 'ept'), previsions.code_territoire, null) = ept.code_ept
