-- Ce qu'un bailleur suit de ses commissions et de ses délais, ensemble : taux, délais, commission d'attribution,
-- attributions hors flux, mutations, radiations du SNE.
-- Source : celles de chaque rubrique.
-- Grain : un bilan, une rubrique, un indicateur et un détail.
-- Clé : code_reservataire, rubrique, ordre
with

reunis as (
    select
        code_reservataire,
        1 as rang,
        'Taux' as rubrique,
        ordre,
        libelle as indicateur,
        '' as detail,
        numerateur as nombre,
        denominateur as total,
        taux_pct as part_pct,
        taux_precedent_pct as precedent,
        explication || ' (' || source || ')' as explication
    from bilan.taux
    union all
    select
        code_reservataire,
        2 as rang,
        'Délais, en jours' as rubrique,
        ordre,
        libelle as indicateur,
        'médiane' as detail,
        jours_mediane as nombre,
        nb_connus as total,
        null as part_pct,
        null as precedent,
        concat_ws(
            ' ; ',
            'de ' || jours_minimum || ' à ' || jours_maximum || ' jours',
            'promis : ' || jours_promis || ' au plus, ' || nb_depassements || ' au-delà',
            nb_connus || ' connus sur ' || nombre
        ) || ' (' || source || ')' as explication
    from bilan.delais
    union all
    select
        code_reservataire,
        3 as rang,
        'Commission : ' || en_minuscule(libelle_rubrique) as rubrique,
        10000 * ordre + row_number() over (
            partition by code_reservataire order by ordre asc, nombre desc, libelle_modalite asc
        ) as ordre,
        libelle_rubrique as indicateur,
        libelle_modalite as detail,
        nombre,
        null as total,
        part_pct,
        null as precedent,
        'dont dans le flux : ' || nombre_flux as explication
    from bilan.caleol
    union all
    select
        code_reservataire,
        4 as rang,
        'Attributions hors flux' as rubrique,
        ordre,
        libelle as indicateur,
        if(dimension = 'total', '', libelle_dimension || ' : ' || libelle_modalite) as detail,
        nombre_territoire as nombre,
        null as total,
        null as part_pct,
        null as precedent,
        '' as explication
    from bilan.autres_attributions
    union all
    select
        code_reservataire,
        5 as rang,
        'Mutations internes, par motif' as rubrique,
        row_number() over (
            partition by code_reservataire order by est_total desc, nombre desc, motif_mutation asc
        ) as ordre,
        motif_mutation as indicateur,
        '' as detail,
        nombre,
        null as total,
        part_pct,
        null as precedent,
        'dont servies par un réservataire : ' || nombre_servi as explication
    from bilan.mutations
    union all
    select
        code_reservataire,
        6 as rang,
        'Baux et radiations du SNE' as rubrique,
        ordre,
        libelle as indicateur,
        '' as detail,
        nombre,
        null as total,
        null as part_pct,
        null as precedent,
        'radiation due dans les 10 jours ouvrables ([002] art. 5)' as explication
    from bilan.synthese_sne
)

select
    code_reservataire,
    rubrique,
    indicateur,
    detail,
    cast(nombre as bigint) as nombre,
    cast(total as bigint) as total,
    part_pct,
    cast(precedent as decimal(38, 6)) as precedent,
    explication,
    row_number() over (partition by code_reservataire order by rang, ordre, indicateur, detail) as ordre
from reunis
