-- Plusieurs conventions d'un réservataire courent en même temps sur le même territoire ; commencées le même jour, elles sont
-- deux fois la même (une commune et son arrondissement, par exemple), et aucune ne l'emporte.
-- Grain : deux conventions.
select
    if(premiere.date_debut is not distinct from seconde.date_debut, 'bloquant', 'erreur') as gravite,
    seconde.fichier,
    seconde.feuille,
    seconde.ligne,
    'date_debut, date_fin' as colonne,
    coalesce(strftime(seconde.date_debut, '%d/%m/%Y'), '') as valeur,
    'Deux conventions de ' || seconde.code_reservataire || ' se chevauchent sur ' || seconde.echelle || ' '
    || seconde.code_territoire || ' (ligne ' || premiere.ligne || ' de ' || premiere.fichier
    || if(
        premiere.date_debut is not distinct from seconde.date_debut,
        ') et commencent le même jour : rien ne dit laquelle s''applique.',
        ') : la dernière commencée s''applique tant qu''elle court.'
    ) as message,
    'Donnez une fin à l''ancienne convention, ou retirez celle qui est en trop.' as correction,
    seconde.code_reservataire
from staging.reservataires as premiere
inner join staging.reservataires as seconde
    on
        premiere.code_reservataire = seconde.code_reservataire
        and premiere.echelle = seconde.echelle
        and premiere.code_territoire = seconde.code_territoire
        and (premiere.fichier, premiere.feuille, premiere.ligne) < (seconde.fichier, seconde.feuille, seconde.ligne)
where
    coalesce(premiere.date_debut <= seconde.date_fin, true)
    and coalesce(seconde.date_debut <= premiere.date_fin, true)
