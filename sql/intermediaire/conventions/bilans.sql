-- Bilans à établir : chaque réservataire sur ses conventions au 1er janvier N, le bailleur entier, chaque EPCI et
-- chaque EPT du parc.
-- Grain : un bilan et un territoire.
-- Clé : code_reservataire, echelle, code_territoire
select
    code_reservataire,
    nature_bilan,
    id_convention,
    echelle,
    code_territoire,
    profil,
    portee_rotation
from intermediaire.bilans_a_date
where usage = 'bilan'
