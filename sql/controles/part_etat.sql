-- La part de l'État dépasse 30 % du flux, ou 5 % pour les agents publics.
-- Source : CCH R.441-5-2.
-- Grain : un plafond.
with

parts as (
    select
        conventions.echelle,
        conventions.code_territoire,
        conventions.type_reservataire,
        conventions.fichier,
        conventions.feuille,
        conventions.ligne,
        calcul_flux.i
    from intermediaire.conventions_datees as conventions
    inner join intermediaire.calcul_flux
        on conventions.id_convention = calcul_flux.id_convention and calcul_flux.usage = 'annexe'
    where conventions.type_reservataire in ('etat_prioritaires', 'etat_fonctionnaires') and calcul_flux.i is not null
),

cumuls as (
    select
        echelle,
        code_territoire,
        'l''État' as qui,
        30 as plafond,
        sum(i) as part,
        min(fichier) as fichier,
        min(feuille) as feuille,
        min(ligne) as ligne
    from parts
    group by echelle, code_territoire
    union all
    select
        echelle,
        code_territoire,
        'l''État pour ses agents' as qui,
        5 as plafond,
        sum(i) as part,
        min(fichier) as fichier,
        min(feuille) as feuille,
        min(ligne) as ligne
    from parts
    where type_reservataire = 'etat_fonctionnaires'
    group by echelle, code_territoire
)

select
    'erreur' as gravite,
    fichier,
    feuille,
    ligne,
    'taux_pct' as colonne,
    cast(en_decimal(part * 100) as varchar) as valeur,
    'La part de ' || qui || ' dépasse ' || plafond || ' % du flux (CCH R.441-5-2) sur ' || echelle || ' '
    || code_territoire || '.' as message,
    'Vérifiez le taux de la convention.' as correction,
    '' as code_reservataire
from cumuls
where en_decimal(part * 100) > plafond
