-- Des garanties d'emprunt d'une commune ou d'un EPCI sont éteintes par leur date_fin depuis moins de cinq ans, sans fin
-- d'emprunt : si cette date est celle du prêt, elles courent encore.
-- Source : CCH R.441-6 ; contrat, « Part ».
-- Grain : un fichier, une feuille et un réservataire.
select
    'erreur' as gravite,
    droits.fichier,
    droits.feuille,
    min(droits.ligne) as ligne,
    'date_fin' as colonne,
    '' as valeur,
    count(distinct droits.ligne) || ' garantie(s) d''emprunt de ' || droits_a_date.code_reservataire
    || ' ont une date_fin passée depuis moins de cinq ans et pas de date_fin_emprunt : si c''est la fin du prêt, elles '
    || 'courent encore cinq ans (R.441-6) et manquent au taux.' as message,
    'Si cette date est celle du prêt, dites la colonne date_fin_emprunt ; sinon donnez aussi la fin du prêt.'
        as correction,
    droits_a_date.code_reservataire
from staging.droits
inner join intermediaire.droits_a_date
    on
        droits_a_date.usage = 'annexe'
        and droits.fichier = droits_a_date.fichier
        and droits.feuille = droits_a_date.feuille
        and droits.ligne = droits_a_date.ligne
inner join intermediaire.millesimes on millesimes.usage = 'annexe'
inner join intermediaire.conventions_datees
    on droits_a_date.id_convention = conventions_datees.id_convention and conventions_datees.est_garantie_prolongee
where
    droits.origine_droit = 'garantie_emprunt'
    and droits.date_fin_emprunt is null
    and droits.nature_droit in ('ds', 'contingent')
    and droits.date_fin < millesimes.date_etat
    and droits.date_fin + interval 5 year >= millesimes.date_etat
group by droits.fichier, droits.feuille, droits_a_date.code_reservataire
