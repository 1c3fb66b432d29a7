-- Radiations du SNE pour attribution, sans leur NUD.
-- Grain : une radiation.
-- Clé : fichier, feuille, ligne
select
    ident_rep as id_logement,
    cast(date_signature_bail as date) as date_bail_sne,
    cast(date_radiation as date) as date_radiation,
    contingent as contingent_sne,
    cast(deja_locataire as boolean) as est_deja_locataire,
    cast(dalo as boolean) as est_dalo,
    fichier,
    feuille,
    ligne
from raw.sne
