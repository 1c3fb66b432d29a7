-- Délais des avis de livraison des programmes neufs de chaque réservataire : options de sa convention, à défaut
-- la convention type de sa famille.
-- Source : [000] annexe 3.1, [001] art. 7, [002] art. 4.2.
-- Grain : un réservataire et une échéance.
-- Clé : code_reservataire, echeance
with

delais_connus as (
    select list(option_requise) as options_de_delai
    from ref.echeances_programmes
),

familles as (
    select
        code_reservataire,
        min(libelle) as libelle_reservataire,
        if(min(type_reservataire) = 'action_logement', 'action_logement', 'autres') as famille,
        flatten(list(options)) as options
    from intermediaire.conventions
    group by code_reservataire
)

-- les options de la convention choisissent les délais ; sans aucune, ceux de la convention type de sa famille
select
    familles.code_reservataire,
    familles.libelle_reservataire,
    coalesce(list_has_any(familles.options, delais_connus.options_de_delai), false) as est_option,
    echeances_programmes.*
from familles
cross join delais_connus
inner join ref.echeances_programmes
    on
        if(
            list_has_any(familles.options, delais_connus.options_de_delai),
            list_contains(familles.options, echeances_programmes.option_requise),
            familles.famille = echeances_programmes.famille_defaut
        )
