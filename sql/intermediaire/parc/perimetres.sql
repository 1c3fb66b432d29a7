-- Logements du parc de chaque bilan, dans la convention qui les tient, avec leur motif d'exclusion.
-- Source : contrat, « Perimeter ».
-- Grain : un usage, un bilan et un logement.
-- Clé : usage, code_reservataire, id_logement
-- Forme : vue
select
    perimetres_lieux.usage,
    perimetres_lieux.code_reservataire,
    perimetres_lieux.id_convention,
    parc.millesime,
    parc.id_logement,
    exclusions_retenues.motif_exclusion is null as est_soumis,
    exclusions_retenues.motif_exclusion
from intermediaire.perimetres_lieux
inner join intermediaire.millesimes on perimetres_lieux.usage = millesimes.usage
inner join intermediaire.parc on millesimes.millesime = parc.millesime and perimetres_lieux.id_lieu = parc.id_lieu
left join intermediaire.exclusions_retenues
    on
        perimetres_lieux.usage = exclusions_retenues.usage
        and perimetres_lieux.profil = exclusions_retenues.profil
        and parc.id_logement = exclusions_retenues.id_logement
