-- Prévisions d'une catégorie sur un territoire qui en contient un autre, prévu lui aussi, sans code d'opération qui dise
-- que c'est la même chose : chacune compte.
-- Source : contrat, « f ».
-- Grain : la prévision du territoire le plus large.
with

lieux as (
    select
        previsions_retenues.usage,
        previsions_retenues.categorie,
        coalesce(categories.libelle, 'Autres déductions') as libelle,
        previsions_retenues.nombre,
        previsions_retenues.echelle,
        previsions_retenues.code_territoire,
        rang_de_l_echelle(previsions_retenues.echelle) as rang,
        previsions_retenues.annee,
        previsions_retenues.fichier,
        previsions_retenues.feuille,
        previsions_retenues.ligne,
        territoires_lieux.id_lieu
    from intermediaire.previsions_retenues
    left join ref.categories on previsions_retenues.categorie = categories.categorie
    inner join intermediaire.territoires_lieux
        on
            previsions_retenues.echelle = territoires_lieux.echelle
            and previsions_retenues.code_territoire = territoires_lieux.code_territoire
    where previsions_retenues.sort_prevision = 'retenue' and previsions_retenues.code_operation is null
),

contenues as (
    select distinct
        larges.libelle,
        larges.nombre,
        larges.echelle,
        larges.code_territoire,
        larges.annee,
        larges.fichier,
        larges.feuille,
        larges.ligne,
        fines.fichier as fichier_fin,
        fines.feuille as feuille_fine,
        fines.ligne as ligne_fine
    from lieux as larges
    inner join lieux as fines
        on
            larges.usage = fines.usage
            and larges.categorie = fines.categorie
            and larges.id_lieu = fines.id_lieu
            and larges.rang > fines.rang
)

select
    'avertissement' as gravite,
    fichier,
    feuille,
    ligne,
    'code_operation' as colonne,
    '' as valeur,
    libelle || ' : ' || ecrit(nombre) || ' pour ' || annee || ' sur ' || echelle
    || rtrim(' ' || code_territoire) || ', et ' || count(*)
    || ' autre(s) prévision(s) à l''intérieur de ce territoire (la première : ligne ' || min(ligne_fine)
    || ') : chacune compte.' as message,
    'Si c''est la même opération, donnez-leur le même code_operation : seule l''échelle la plus fine comptera.'
        as correction,
    '' as code_reservataire
from contenues
group by libelle, nombre, echelle, code_territoire, annee, fichier, feuille, ligne
