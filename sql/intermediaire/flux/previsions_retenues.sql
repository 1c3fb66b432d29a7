-- Prévisions de l'annexe (N+1) et du bilan (N) : celles qui comptent, et pourquoi les autres ne comptent pas : une
-- échelle plus fine de la même opération, une déduction sans accord du préfet.
-- Source : contrat, « f ».
-- Grain : une ligne de la table previsions.
-- Clé : fichier, feuille, ligne
with

utiles as (
    select
        previsions.*,
        if(previsions.annee = exercice.annee, 'bilan', 'annexe') as usage,
        -- un EPT et un EPCI sont de même rang
        if(previsions.echelle = 'ept', 3, rang_de_l_echelle(previsions.echelle)) as rang_echelle
    from staging.previsions
    inner join ref.exercice on previsions.annee between exercice.annee and exercice.annee + 1
    left join ref.categories on previsions.categorie = categories.categorie
    where
        previsions.nombre >= 0
        and (
            previsions.categorie = 'autres_deductions' or categories.categorie is not null
        )
)

select
    usage,
    annee,
    categorie,
    nombre,
    echelle,
    code_territoire,
    code_operation,
    accord_prefet,
    case
        when categorie = 'autres_deductions' and accord_prefet is null then 'sans_accord'
        when
            code_operation is not null
            and rang_echelle > min(rang_echelle) over (partition by usage, categorie, code_operation)
            then 'echelle_plus_fine'
        else 'retenue'
    end as sort_prevision,
    fichier,
    feuille,
    ligne
from utiles
