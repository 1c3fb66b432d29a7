-- Des taux imprimés sous 1 % : tous ceux de la table, ou celui de l'État (30 % au plus du flux). « 0,255 » pour 25,5 %.
-- Source : contrat, « Part ».
-- Grain : une convention.
with

imprimes as (
    select
        *,
        max(taux_pct) over () as plus_grand
    from staging.reservataires
    where mode_taux = 'imprime' and taux_pct > 0
)

select
    'erreur' as gravite,
    fichier,
    feuille,
    ligne,
    'taux_pct' as colonne,
    replace(cast(taux_pct as varchar), '.', ',') as valeur,
    'Le taux imprimé de ' || code_reservataire || ' est lu sous 1 % : écrit en fraction ?' as message,
    'Écrivez-le en pour cent : 25,5 et non 0,255.' as correction,
    code_reservataire
from imprimes
where taux_pct < 1 and (plus_grand < 1 or type_reservataire = 'etat_prioritaires')
