-- Lieux que tient, dans l'annexe, chaque convention dont la part est plafonnée (État, garants de R.441-5-3).
-- Source : CCH R.441-5-2 et R.441-5-3.
-- Grain : une convention et un lieu.
-- Clé : id_convention, id_lieu
-- Forme : vue
select
    perimetres_lieux.id_convention,
    if(types_reservataire.garant_plafonne = 'oui', 'garant', types_reservataire.famille) as famille,
    perimetres_lieux.id_lieu,
    parc_lieux.nb_soumis
from intermediaire.perimetres_lieux
inner join intermediaire.parc_lieux using (usage, profil, id_lieu)
inner join intermediaire.conventions_datees on perimetres_lieux.id_convention = conventions_datees.id_convention
inner join ref.types_reservataire on conventions_datees.type_reservataire = types_reservataire.type_reservataire
where
    perimetres_lieux.usage = 'annexe'
    and (types_reservataire.famille = 'etat' or types_reservataire.garant_plafonne = 'oui')
