-- La part d'une collectivité dépasse 20 % : permis seulement au-delà des garanties d'emprunt.
-- Source : CCH R.441-5-3, [001] art. 3, [004] art. 3.
-- Grain : un territoire.
with

parts as (
    select
        conventions.echelle,
        conventions.code_territoire,
        sum(calcul_flux.i) as part,
        string_agg(conventions.code_reservataire, ', ' order by conventions.code_reservataire) as reservataires,
        min(conventions.fichier) as fichier,
        min(conventions.feuille) as feuille,
        min(conventions.ligne) as ligne
    from intermediaire.conventions_datees as conventions
    inner join intermediaire.calcul_flux
        on conventions.id_convention = calcul_flux.id_convention and calcul_flux.usage = 'annexe'
    inner join ref.types_reservataire using (type_reservataire)
    where types_reservataire.famille = 'collectivite' and calcul_flux.i is not null
    group by conventions.echelle, conventions.code_territoire
)

select
    'avertissement' as gravite,
    fichier,
    feuille,
    ligne,
    'taux_pct' as colonne,
    cast(en_decimal(part * 100) as varchar) as valeur,
    'La part des collectivités (' || reservataires || ') dépasse 20 % du flux sur ' || echelle || ' ' || code_territoire
    || ' : plafond des garanties d''emprunt.' as message,
    'Vérifiez que le surplus vient d''un apport de terrain ou d''une subvention.' as correction,
    if(contains(reservataires, ','), '', reservataires) as code_reservataire
from parts
where en_decimal(part * 100) > 20
