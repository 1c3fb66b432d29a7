-- Aucun logement du parc sur le territoire d'une convention (une erreur : son code est faux), ou du parc soumis : ce qui
-- s'y calcule est nul.
-- Grain : une convention.
select
    if(calcul_flux.a = 0, 'erreur', 'avertissement') as gravite,
    conventions.fichier,
    conventions.feuille,
    conventions.ligne,
    'code_territoire' as colonne,
    conventions.code_territoire as valeur,
    'Aucun logement du parc' || if(calcul_flux.a > 0, ' soumis', '') || ' sur le territoire de la convention de '
    || conventions.code_reservataire || ' (' || conventions.echelle || rtrim(' ' || conventions.code_territoire)
    || ') : ce qui s''y calcule est nul.' as message,
    'Vérifiez l''échelle et le code du territoire (INSEE, SIREN de l''EPCI ou département).' as correction,
    conventions.code_reservataire
from intermediaire.conventions_datees as conventions
inner join intermediaire.calcul_flux
    on conventions.id_convention = calcul_flux.id_convention and calcul_flux.usage = 'annexe'
where calcul_flux.c = 0
