-- Logements du parc de chaque bilan : parc entier, département, EPCI ou commune.
-- Source : contrat, « Perimeter ».
-- Grain : un bilan, un millésime et un logement.
-- Clé : id_convention, millesime, id_logement
select
    bilans.id_convention,
    bilans.code_reservataire,
    parc.millesime,
    parc.id_logement,
    parc_par_profil.est_soumis,
    parc_par_profil.motif_exclusion
from intermediaire.bilans
inner join intermediaire.territoires_lieux
    on bilans.echelle = territoires_lieux.echelle and bilans.code_territoire = territoires_lieux.code_territoire
inner join intermediaire.parc on territoires_lieux.id_lieu = parc.id_lieu
inner join intermediaire.parc_par_profil
    on
        bilans.profil = parc_par_profil.profil
        and parc.millesime = parc_par_profil.millesime
        and parc.id_logement = parc_par_profil.id_logement
