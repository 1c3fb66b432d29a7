-- Candidats examinés, avec la nature de leur proposition et le public qu'ils représentent.
-- Grain : une décision sur un candidat.
-- Clé : fichier, feuille, ligne
with

premieres as (
    select
        id_proposition,
        bool_or(est_premiere_location) as est_premiere_location
    from staging.propositions
    group by id_proposition
)

select
    attributions.*,
    coalesce(premieres.est_premiere_location, false) as est_premiere_location,
    attributions.est_attribue
    and attributions.categorie = 'droit_commun'
    and not coalesce(premieres.est_premiere_location, false) as est_dans_flux,
    case
        when attributions.est_dalo then 'dalo'
        when attributions.est_prioritaire then 'prioritaire'
        when attributions.est_dalo is null and attributions.est_prioritaire is null then 'non_renseigne'
        else 'autre'
    end as public,
    -- rang du candidat retenu dans son groupe : bail signé, puis réponse favorable, puis rang de la CALEOL
    row_number() over (
        order by
            attributions.date_signature_bail is null,
            coalesce(attributions.reponse_candidat, '') <> 'accepte',
            attributions.rang nulls last,
            attributions.id_decision,
            attributions.fichier,
            attributions.feuille,
            attributions.ligne
    ) as priorite
from staging.attributions
left join premieres on attributions.id_proposition = premieres.id_proposition
