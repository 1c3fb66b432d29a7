-- Part du flux N+1 de chaque commune qui n'est réservée à personne : celle du bailleur.
-- Source : note de domaine, section 6.
-- Grain : une commune, dans le bilan du bailleur.
-- Clé : code_reservataire, code_commune
select
    '_bailleur' as code_reservataire,
    parts_par_commune.code_commune,
    coalesce(communes.libelle_commune, parts_par_commune.code_commune) as libelle_commune,
    parts_par_commune.nb_logements,
    parts_par_commune.reservataires,
    en_decimal(parts_par_commune.part_cumulee * 100) as part_reservee_pct,
    en_decimal(positif(1 - parts_par_commune.part_cumulee) * 100) as part_non_reservee_pct
from intermediaire.parts_par_commune
left join ref.communes on parts_par_commune.code_commune = communes.code_commune
