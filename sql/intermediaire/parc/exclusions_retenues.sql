-- Motif retenu de chaque logement du parc qui en a un, selon les options d'exclusion des conventions (profil).
-- Source : contrat, « Exclusions ».
-- Grain : un usage, un profil et un logement hors flux.
-- Clé : usage, profil, id_logement
with profils as (
    select distinct profil from intermediaire.bilans_a_date
)

select
    motifs_logement.usage,
    profils.profil,
    motifs_logement.id_logement,
    motifs_logement.id_lieu,
    arg_min(motifs_logement.motif_exclusion, motifs_logement.rang_motif) as motif_exclusion
from intermediaire.motifs_logement
cross join profils
where
    motifs_logement.option_requise is null
    or list_contains(string_split(profils.profil, ' '), motifs_logement.option_requise)
group by motifs_logement.usage, profils.profil, motifs_logement.id_logement, motifs_logement.id_lieu
