-- Ce que le RPLS dit, tel que déclaré, des logements proposés : adresse, étage, surface, loyer ; pour leur fiche.
-- Source : [002] annexe 2.
-- Grain : un logement et un millésime.
-- Clé : fichier, feuille, ligne
select
    complgeo as nom_residence,
    nullif(concat_ws(' ', numvoie, typvoie, nomvoie), '') as adresse,
    codepostal as code_postal,
    etage,
    typeconst,
    construct as annee_declaree,
    try_cast(surfhab as decimal(12, 2)) as surface_habitable,
    loyerprinc as loyer_principal,
    loyeracc as loyer_accessoire,
    fichier,
    feuille,
    ligne
from raw.rpls
where
    ident_rep in (select ident_rep from raw.propositions)
    or ident_int in (select ident_interne from raw.propositions)
