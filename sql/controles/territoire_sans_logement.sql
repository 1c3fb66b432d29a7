-- Aucun logement du parc sur le territoire d'une convention.
-- Grain : une convention.
select
    'avertissement' as gravite,
    conventions.fichier,
    conventions.feuille,
    conventions.ligne,
    'code_territoire' as colonne,
    conventions.code_territoire as valeur,
    'Aucun logement du parc sur le territoire de la convention de ' || conventions.code_reservataire || ' ('
    || conventions.echelle || ' ' || conventions.code_territoire || ').' as message,
    'Vérifiez l''échelle et le code du territoire (INSEE, SIREN de l''EPCI ou département).' as correction,
    conventions.code_reservataire
from intermediaire.conventions_datees as conventions
inner join intermediaire.calcul_flux
    on conventions.id_convention = calcul_flux.id_convention and calcul_flux.usage = 'annexe'
where calcul_flux.a = 0
