-- Rapprochement des baux et du SNE en nombres : baux, radiations, sans écart, et chaque écart.
-- Grain : un bilan et une ligne.
-- Clé : code_reservataire, ligne
with

destines as (
    select
        unnest(codes_bilan) as code_bilan,
        *
    from intermediaire.rapprochements_sne
),

ecarts as (
    select
        code_reservataire,
        ecart_sne,
        count(*) as nombre
    from bilan.rapprochement_sne
    group by code_reservataire, ecart_sne
),

avec_ecart as (
    select distinct
        code_reservataire,
        fichier,
        feuille,
        ligne,
        fichier_sne,
        feuille_sne,
        ligne_sne
    from bilan.rapprochement_sne
),

totaux as (
    select
        destines.code_bilan as code_reservataire,
        count(destines.fichier) as baux,
        count(destines.fichier_sne) as radiations,
        count(*) filter (where avec_ecart.code_reservataire is null) as sans_ecart
    from destines
    left join avec_ecart
        on
            destines.code_bilan = avec_ecart.code_reservataire
            and destines.fichier is not distinct from avec_ecart.fichier
            and destines.feuille is not distinct from avec_ecart.feuille
            and destines.ligne is not distinct from avec_ecart.ligne
            and destines.fichier_sne is not distinct from avec_ecart.fichier_sne
            and destines.feuille_sne is not distinct from avec_ecart.feuille_sne
            and destines.ligne_sne is not distinct from avec_ecart.ligne_sne
    group by destines.code_bilan
),

lignes as (
    select
        code_reservataire,
        'baux' as ligne,
        'Baux signés de l''exercice' as libelle,
        -3 as ordre,
        baux as nombre
    from totaux
    union all
    select
        code_reservataire,
        'radiations' as ligne,
        'Radiations du SNE pour attribution' as libelle,
        -2 as ordre,
        radiations as nombre
    from totaux
    union all
    select
        code_reservataire,
        'sans_ecart' as ligne,
        'Baux et radiations qui concordent' as libelle,
        -1 as ordre,
        sans_ecart as nombre
    from totaux
    union all
    select
        totaux.code_reservataire,
        ecarts_sne.ecart_sne as ligne,
        ecarts_sne.libelle,
        ecarts_sne.ordre,
        coalesce(ecarts.nombre, 0) as nombre
    from totaux
    cross join ref.ecarts_sne
    left join ecarts on totaux.code_reservataire = ecarts.code_reservataire and ecarts_sne.ecart_sne = ecarts.ecart_sne
)

select lignes.*
from lignes
inner join bilan.entetes on lignes.code_reservataire = entetes.code_reservataire
