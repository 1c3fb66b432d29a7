-- Lignes a à j de l'annexe N+1 et de sa projection, arrondies là où la convention le dit.
-- Source : note de domaine, section 3.
-- Grain : un usage, un bilan et un territoire.
-- Clé : usage, id_convention
select
    usage,
    id_convention,
    code_reservataire,
    nature_bilan,
    base_rotation,
    mode_taux,
    arrondi_etapes,
    arrondi_final,
    nb_droits,
    a,
    c,
    d,
    e_exact,
    e,
    f,
    g,
    h_signe,
    h_exact,
    h,
    i_signe,
    i,
    j_exact,
    j
from echelle_du_flux('intermediaire.entrees_flux')
