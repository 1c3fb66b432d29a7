-- Lignes de l'annexe N+1 telles que les documents les montrent : la lettre des lignes principales, et les soustractions
-- de l'exercice, prévues et réalisées, en face de celles qui sont prévues pour N+1.
-- Source : CCH R.441-5.
-- Grain : un bilan et une ligne.
-- Clé : code_reservataire, ligne
select
    lignes_flux.code_reservataire,
    lignes_flux.ligne,
    if(length(lignes_flux.ligne) = 1, lignes_flux.ligne, '') as lettre,
    if(contains(lignes_flux.ligne, '.'), 'dont ', '') || lignes_flux.libelle as libelle,
    lignes_flux.valeur,
    lignes_flux.unite,
    lignes_flux.explication,
    soustractions.prevu,
    soustractions.realise,
    lignes_flux.ordre
from bilan.lignes_flux
left join ref.categories on lignes_flux.ligne = categories.ligne
left join bilan.soustractions
    on
        lignes_flux.code_reservataire = soustractions.code_reservataire
        and coalesce(categories.categorie, if(lignes_flux.ligne = 'f', 'total', null)) = soustractions.categorie
