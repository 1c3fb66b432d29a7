-- Chance qu'un tirage au sort des logements proposés, parmi les logements possibles, s'écarte autant de ce qui
-- est attendu : test exact (loi hypergéométrique, bilatéral), sans approximation pour les petits nombres.
-- Grain : un réservataire, une dimension et une modalité.
-- Clé : code_reservataire, dimension, modalite
with

tirages as (
    select
        code_reservataire,
        dimension,
        modalite,
        proposes,
        total_proposes,
        total_possibles,
        possibles,
        unnest(range(
            greatest(0, total_proposes + possibles - total_possibles), least(total_proposes, possibles) + 1
        )) as nombre
    from intermediaire.equite_modalites
    where total_proposes > 0
),

probables as (
    select
        code_reservataire,
        dimension,
        modalite,
        proposes,
        nombre,
        exp(
            ln_combinaisons(possibles, nombre)
            + ln_combinaisons(total_possibles - possibles, total_proposes - nombre)
            - ln_combinaisons(total_possibles, total_proposes)
        ) as probabilite
    from tirages
),

observees as (
    select
        *,
        max(probabilite) filter (where nombre = proposes) over (
            partition by code_reservataire, dimension, modalite
        ) as probabilite_observee
    from probables
)

select
    code_reservataire,
    dimension,
    modalite,
    -- tous les tirages au plus aussi probables que celui qui est observé
    round(sum(probabilite) filter (where probabilite <= probabilite_observee * 1.0000001), 9) as p_valeur,
    round(min(probabilite), 9) as p_valeur_minimale
from observees
group by code_reservataire, dimension, modalite
