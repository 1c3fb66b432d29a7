-- Premières locations déduites du RPLS, faute d'être écrites : une ligne par opération.
-- Source : contrat, « First letting ».
-- Grain : une opération.
with

deduites as (
    select
        id_logement,
        1 as est_proposition,
        0 as est_attribution
    from intermediaire.offres
    where est_premiere_deduite and not est_annulee
    union all
    select
        id_logement,
        0 as est_proposition,
        1 as est_attribution
    from intermediaire.candidatures
    where est_premiere_deduite and est_attribue_droit_commun
)

select
    'information' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'premiere_location' as colonne,
    suivies.operation as valeur,
    'Opération « ' || suivies.operation || ' » : premières locations déduites de l''année de mise en location du RPLS ('
    || count(distinct deduites.id_logement) || ' logement(s), ' || sum(deduites.est_proposition) || ' proposition(s), '
    || sum(deduites.est_attribution) || ' candidat(s) attribué(s)). Elles sont en stock, hors du décompte.' as message,
    'Écrivez oui ou non dans la colonne premiere_location pour choisir vous-même.' as correction,
    '' as code_reservataire
from deduites
inner join intermediaire.premieres_locations_suivies as suivies on deduites.id_logement = suivies.id_logement
group by suivies.operation
