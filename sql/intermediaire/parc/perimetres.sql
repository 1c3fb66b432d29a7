-- Logements du parc de chaque bilan : parc entier, département, EPCI ou commune.
-- Source : contrat, « Perimeter ».
-- Grain : un bilan, un millésime et un logement.
-- Clé : id_convention, millesime, id_logement
with

territoires as (
    select
        millesime,
        id_logement,
        unnest(['bailleur', 'departement', 'epci', 'commune']) as echelle,
        unnest(['', code_departement, code_epci, code_commune]) as code_territoire
    from intermediaire.parc
    union all
    select
        millesime,
        id_logement,
        'commune' as echelle,
        code_commune_rpls as code_territoire
    from intermediaire.parc
    where code_commune_rpls <> code_commune
)

select
    bilans.id_convention,
    bilans.code_reservataire,
    territoires.millesime,
    territoires.id_logement,
    parc_par_profil.est_soumis,
    parc_par_profil.motif_exclusion
from intermediaire.bilans
inner join territoires on bilans.echelle = territoires.echelle and bilans.code_territoire = territoires.code_territoire
inner join intermediaire.parc_par_profil using (profil, millesime, id_logement)
