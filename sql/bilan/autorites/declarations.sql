-- Ce que le bailleur déclare hors des bilans : le semestre au préfet, les désignations rendues publiques, le relevé d'avant
-- le 1er mars.
-- Source : CCH L.441-1 al. 21, 33 et 34 ; arrêté du 7 mars 2008, art. 1 (texte à vérifier).
-- Grain : un bilan, une déclaration et un rang.
-- Clé : code_reservataire, ordre
with

reunies as (
    select
        code_reservataire,
        1 as rang,
        row_number() over (partition by code_reservataire order by libelle_epci, code_epci, semestre)
            as ordre_declaration,
        'Semestre au préfet' as rubrique,
        libelle_epci || ', baux hors QPV' as libelle,
        'semestre ' || semestre || ', au ' || strftime(date_arrete, '%d/%m/%Y') as detail,
        conformes as nombre,
        total,
        part_pct,
        seuil_pct,
        manque_au_plus,
        concat_ws(
            ' ; ',
            '1er quartile ou relogés',
            if(inconnus > 0, inconnus || ' inconnus', null),
            if(non_localises > 0, non_localises || ' en QPV ou non, on ne sait', null)
        ) as explication
    from bilan.semestres_prefet
    union all
    select
        code_reservataire,
        2 as rang,
        row_number() over (
            partition by code_reservataire
            order by code_departement = 'total', libelle_departement, code_departement, ordre, contingent
        ) as ordre_declaration,
        'Candidats désignés' as rubrique,
        libelle_departement as libelle,
        libelle_contingent as detail,
        designes as nombre,
        null as total,
        null as part_pct,
        null as seuil_pct,
        null as manque_au_plus,
        'candidats examinés par la commission, selon qui les a désignés' as explication
    from bilan.designations
    union all
    select
        code_reservataire,
        3 as rang,
        ordre as ordre_declaration,
        'Relevé au préfet (texte à vérifier)' as rubrique,
        rubrique_releve as libelle,
        '' as detail,
        valeur as nombre,
        null as total,
        null as part_pct,
        null as seuil_pct,
        null as manque_au_plus,
        explication
    from bilan.releve_prefet
)

select
    code_reservataire,
    rubrique,
    libelle,
    detail,
    cast(nombre as bigint) as nombre,
    cast(total as bigint) as total,
    part_pct,
    seuil_pct,
    cast(manque_au_plus as bigint) as manque_au_plus,
    explication,
    row_number() over (partition by code_reservataire order by rang, ordre_declaration) as ordre
from reunies
