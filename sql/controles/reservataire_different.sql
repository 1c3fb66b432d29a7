-- Une décision ne nomme pas le réservataire de sa proposition.
-- Grain : une ligne de fichier.
with

propositaires as (
    select
        id_proposition,
        min(code_reservataire) as code_proposition
    from staging.propositions
    group by id_proposition
    having count(distinct code_reservataire) = 1
)

select
    'avertissement' as gravite,
    attributions.fichier,
    attributions.feuille,
    attributions.ligne,
    'code_reservataire' as colonne,
    coalesce(attributions.code_reservataire, '') as valeur,
    'La décision est comptée pour « ' || coalesce(attributions.code_reservataire, 'non réservé')
    || ' » alors que sa proposition était faite à ' || propositaires.code_proposition || '.' as message,
    'Vérifiez le réservataire de la décision.' as correction,
    propositaires.code_proposition as code_reservataire
from staging.attributions
inner join propositaires on attributions.id_proposition = propositaires.id_proposition
where attributions.code_reservataire is distinct from propositaires.code_proposition
