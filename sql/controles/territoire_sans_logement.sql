-- Aucun logement du parc sur le territoire d'une convention (une erreur : son code est faux), ou du parc soumis : ce qui
-- s'y calcule est nul. De même quand d'autres conventions du réservataire, plus fines, les tiennent tous.
-- Grain : une convention.
with habites as (
    select distinct
        territoires_lieux.echelle,
        territoires_lieux.code_territoire
    from intermediaire.parc_lieux
    inner join intermediaire.territoires_lieux on parc_lieux.id_lieu = territoires_lieux.id_lieu
    where parc_lieux.usage = 'annexe'
)

select
    if(calcul_flux.a = 0 and habites.echelle is null, 'erreur', 'avertissement') as gravite,
    conventions.fichier,
    conventions.feuille,
    conventions.ligne,
    'code_territoire' as colonne,
    conventions.code_territoire as valeur,
    if(
        calcul_flux.a = 0 and habites.echelle is not null,
        'Tous les logements du parc sont tenus par des conventions plus fines du même code',
        'Aucun logement du parc' || if(calcul_flux.a > 0, ' soumis', '')
    )
    || ' sur le territoire de la convention de ' || conventions.code_reservataire || ' (' || conventions.echelle
    || rtrim(' ' || conventions.code_territoire) || ') : ce qui s''y calcule est nul.' as message,
    'Vérifiez l''échelle et le code du territoire (INSEE, SIREN de l''EPCI ou département).' as correction,
    conventions.code_reservataire
from intermediaire.conventions_datees as conventions
inner join intermediaire.calcul_flux
    on conventions.id_convention = calcul_flux.id_convention and calcul_flux.usage = 'annexe'
left join habites
    on conventions.echelle = habites.echelle and conventions.code_territoire = habites.code_territoire
where calcul_flux.c = 0
