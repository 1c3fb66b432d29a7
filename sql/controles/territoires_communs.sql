-- Des territoires d'un réservataire ont des logements en commun : chacun compte une fois, dans le plus fin.
-- Source : contrat, « Several conventions of one code ».
-- Grain : un réservataire.
with

lieux as (
    select
        conventions_en_vigueur.usage,
        conventions_en_vigueur.code_reservataire,
        parc_lieux.id_lieu,
        max(parc_lieux.nb_logements) as nb_logements,
        list(distinct conventions_en_vigueur.echelle || rtrim(' ' || conventions_en_vigueur.code_territoire))
            as territoires
    from intermediaire.conventions_en_vigueur
    inner join intermediaire.territoires_lieux
        on
            conventions_en_vigueur.echelle = territoires_lieux.echelle
            and conventions_en_vigueur.code_territoire = territoires_lieux.code_territoire
    inner join intermediaire.parc_lieux
        on
            conventions_en_vigueur.usage = parc_lieux.usage
            and conventions_en_vigueur.profil = parc_lieux.profil
            and territoires_lieux.id_lieu = parc_lieux.id_lieu
    where conventions_en_vigueur.usage in ('bilan', 'annexe')
    group by conventions_en_vigueur.usage, conventions_en_vigueur.code_reservataire, parc_lieux.id_lieu
    having count(*) > 1
),

reservataires as (
    select
        usage,
        code_reservataire,
        sum(nb_logements) as nb_logements,
        list_sort(list_distinct(flatten(list(territoires)))) as territoires
    from lieux
    group by usage, code_reservataire
)

select
    'avertissement' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'code_territoire' as colonne,
    code_reservataire as valeur,
    len(territoires) || ' territoires de ' || code_reservataire || ' se recouvrent (' || territoires[1] || ', '
    || territoires[2] || if(len(territoires) > 2, '…', '') || ') : leurs ' || nb_logements
    || ' logement(s) communs comptent une fois, dans la convention de l''échelle la plus fine.' as message,
    'Rien à faire si les conventions sont bien emboîtées ; sinon vérifiez echelle et code_territoire.' as correction,
    code_reservataire
from reservataires
qualify row_number() over (partition by code_reservataire order by usage) = 1
