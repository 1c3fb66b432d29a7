-- Équité de la répartition : indice de ressemblance avec les libérations et conclusion d'un test exact ([001]
-- art. 4, [004] art. 3-1), pour le réservataire et, côte à côte, pour le bailleur.
-- Grain : un bilan, un réservataire et une dimension.
-- Clé : code_reservataire, reservataire, dimension
with

seuils as (
    select
        cast(any_value(valeur) filter (where seuil = 'equite_risque_pct') as double) / 100 / 4 as risque,
        cast(any_value(valeur) filter (where seuil = 'equite_nombre_minimal') as integer) as nombre_minimal
    from ref.seuils
),

mesurees as (
    select
        equite_modalites.code_reservataire as reservataire,
        equite_modalites.dimension,
        any_value(equite_modalites.total_proposes) as proposes,
        any_value(equite_modalites.total_liberes) as liberes,
        -- moitié de la somme des écarts de parts, en produits entiers
        sum(abs(
            equite_modalites.proposes * equite_modalites.total_liberes
            - equite_modalites.liberes * equite_modalites.total_proposes
        )) as ecarts,
        count(*) as nb_modalites,
        -- on pose autant de questions que de modalités ; deux modalités n'en font qu'une
        if(count(*) = 2, 1, count(*)) as nb_questions,
        min(equite_probabilites.p_valeur) as p_modalite,
        min(equite_probabilites.p_valeur_minimale) as p_modalite_minimale
    from intermediaire.equite_modalites
    left join intermediaire.equite_probabilites
        on
            equite_modalites.code_reservataire = equite_probabilites.code_reservataire
            and equite_modalites.dimension = equite_probabilites.dimension
            and equite_modalites.modalite = equite_probabilites.modalite
    group by equite_modalites.code_reservataire, equite_modalites.dimension
),

marquees as (
    select
        equite_modalites.code_reservataire as reservataire,
        equite_modalites.dimension,
        equite_modalites.libelle_modalite,
        equite_modalites.proposes as proposes_marques,
        replace(cast(cast(equite_modalites.attendus as decimal(18, 1)) as varchar), '.', ',') as attendus_marques
    from bilan.equite_modalites
    left join intermediaire.equite_probabilites
        on
            equite_modalites.code_reservataire = equite_probabilites.code_reservataire
            and equite_modalites.dimension = equite_probabilites.dimension
            and equite_modalites.modalite = equite_probabilites.modalite
    qualify row_number() over (
        partition by equite_modalites.code_reservataire, equite_modalites.dimension
        order by
            equite_probabilites.p_valeur asc, abs(equite_modalites.ecart_points) desc, equite_modalites.modalite asc
    ) = 1
),

conclues as (
    select
        mesurees.*,
        marquees.libelle_modalite,
        marquees.proposes_marques,
        marquees.attendus_marques,
        least(1, mesurees.p_modalite * mesurees.nb_questions) as p_valeur,
        case
            when mesurees.proposes = 0 then 'aucun'
            when mesurees.nb_modalites = 1 then 'sans_objet'
            when
                mesurees.proposes < seuils.nombre_minimal
                or mesurees.p_modalite_minimale * mesurees.nb_questions > seuils.risque
                then 'trop_peu'
            when mesurees.p_modalite * mesurees.nb_questions <= seuils.risque then 'ecart'
            else 'compatible'
        end as verdict
    from mesurees
    cross join seuils
    inner join marquees on mesurees.reservataire = marquees.reservataire and mesurees.dimension = marquees.dimension
)

select
    unnest([conclues.reservataire, '_bailleur']) as code_reservataire,
    conclues.reservataire,
    entetes.libelle as libelle_reservataire,
    conclues.dimension,
    dimensions.libelle as libelle_dimension,
    dimensions.ordre,
    conclues.proposes,
    conclues.liberes,
    part_pct(
        2 * conclues.proposes * conclues.liberes - conclues.ecarts, 2 * conclues.proposes * conclues.liberes
    ) as indice,
    if(conclues.verdict in ('compatible', 'ecart'), cast(conclues.p_valeur as decimal(9, 4)), null) as p_valeur,
    conclues.verdict,
    case conclues.verdict
        when 'aucun' then 'Aucun logement proposé sur le périmètre'
        when 'sans_objet' then 'Sans objet : les logements libérés sont tous les mêmes de ce point de vue'
        when 'trop_peu' then 'Trop peu de logements pour conclure : ' || conclues.proposes || ' proposé(s)'
        when 'compatible' then 'Compatible avec une répartition équitable'
        else
            'Écart à expliquer : ' || conclues.libelle_modalite || ', ' || conclues.proposes_marques
            || ' proposé(s) pour ' || conclues.attendus_marques
            || ' attendu(s). Le hasard seul donnerait un tel écart '
            || if(
                conclues.p_valeur < 0.001,
                'moins d''une fois sur 1 000',
                'environ une fois sur ' || cast(round(1 / conclues.p_valeur) as bigint)
            )
    end as conclusion
from conclues
inner join ref.dimensions on conclues.dimension = dimensions.dimension
inner join bilan.entetes on conclues.reservataire = entetes.code_reservataire
