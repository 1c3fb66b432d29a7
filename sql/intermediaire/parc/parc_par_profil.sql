-- Parc et motif d'exclusion retenu, selon les options d'exclusion des conventions (profil).
-- Grain : un logement, un millésime et un profil.
-- Clé : profil, millesime, id_logement
with

profils as (
    select distinct profil from intermediaire.bilans
),

retenus as (
    select
        profils.profil,
        motifs_logement.millesime,
        motifs_logement.id_logement,
        arg_min(motifs_logement.motif_exclusion, motifs_logement.rang_motif) as motif_exclusion
    from intermediaire.motifs_logement
    cross join profils
    where
        motifs_logement.option_requise is null
        or list_contains(string_split(profils.profil, ' '), motifs_logement.option_requise)
    group by profils.profil, motifs_logement.millesime, motifs_logement.id_logement
)

select
    profils.profil,
    parc.millesime,
    parc.id_logement,
    retenus.motif_exclusion,
    retenus.motif_exclusion is null as est_soumis
from intermediaire.parc
cross join profils
left join retenus
    on
        profils.profil = retenus.profil
        and parc.millesime = retenus.millesime
        and parc.id_logement = retenus.id_logement
