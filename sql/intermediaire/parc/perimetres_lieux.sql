-- Lieux du périmètre de chaque bilan, chacun dans une seule convention : celle de l'échelle la plus fine.
-- Source : contrat, « Several conventions of one code ».
-- Grain : un usage, un bilan et un lieu.
-- Clé : usage, code_reservataire, id_lieu
select
    bilans_a_date.usage,
    bilans_a_date.code_reservataire,
    territoires_lieux.id_lieu,
    bilans_a_date.id_convention,
    bilans_a_date.nature_bilan,
    bilans_a_date.profil
from intermediaire.bilans_a_date
inner join intermediaire.territoires_lieux
    on
        bilans_a_date.echelle = territoires_lieux.echelle
        and bilans_a_date.code_territoire = territoires_lieux.code_territoire
qualify row_number() over (
    partition by bilans_a_date.usage, bilans_a_date.code_reservataire, territoires_lieux.id_lieu
    order by rang_de_l_echelle(bilans_a_date.echelle), bilans_a_date.code_territoire
) = 1
