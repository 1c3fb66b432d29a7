-- Logements du RPLS, typés, entrées et sorties comprises.
-- Grain : un logement et un millésime.
-- Clé : millesime, id_logement
-- Forme : vue
with lignes as (
    -- la lecture a mis les années et les dates en forme : 1964, 2012-01-31
    select
        *,
        try_cast(left(construct, 4) as integer) as annee_construction,
        try_cast(left(locat, 4) as integer) as annee_location,
        try_cast(left(bail, 4) as integer) as annee_bail
    from raw.rpls
)

select
    cast(lignes.millesime as integer) as millesime,
    coalesce(
        lignes.ident_rep,
        reperes.ident_rep,
        'interne ' || lignes.ident_int,
        concat_ws(' ', 'ligne', lignes.fichier, nullif(lignes.feuille, ''), lignes.ligne)
    ) as id_logement,
    lignes.ident_rep,
    lignes.ident_int as ident_interne,
    lignes.depcom as code_commune_rpls,
    departement_de(lignes.depcom) as code_departement,
    if(length(lignes.epci) = 9 and try_cast(lignes.epci as integer) > 0, lignes.epci, null) as code_epci,
    lignes.nbpiece,
    lignes.finan,
    lignes.qpv,
    lignes.pmr,
    lignes.typeconst,
    lignes.conv,
    lignes.cat_org,
    lignes.miscommercial,
    lignes.sortiepatrim,
    lignes.mode as mode_occupation,
    lignes.contreslog,
    lignes.patrimoine,
    lignes.complgeo as programme,
    if(lignes.annee_construction between 1000 and 2199, lignes.annee_construction, null) as annee_construction,
    if(lignes.annee_location between 1000 and 2199, lignes.annee_location, null) as annee_location,
    if(lignes.annee_bail between 1000 and 2199, lignes.annee_bail, null) as annee_bail,
    lignes.fichier,
    lignes.feuille,
    lignes.ligne
from lignes
-- une condition sur la seule gauche ferait comparer chaque ligne à chaque repère : elle est dans la clé
left join staging.reperes on if(lignes.ident_rep is null, lignes.ident_int, null) = reperes.ident_int
