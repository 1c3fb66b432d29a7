-- Points de flux donnés et reçus par rétrocession en chaque lieu du parc soumis.
-- Source : [003] art. 4 c ; contrat, « Part ».
-- Grain : un lieu où une convention donne ou reçoit des points.
-- Clé : id_lieu
with

parts as (
    select
        perimetres_lieux.id_lieu,
        conventions.id_convention,
        conventions.code_reservataire,
        conventions.taux_retrocession_pct,
        conventions.taux_recu_pct,
        parc_lieux.nb_soumis
    from intermediaire.perimetres_lieux
    inner join intermediaire.conventions_datees as conventions
        on perimetres_lieux.id_convention = conventions.id_convention
    inner join intermediaire.parc_lieux
        on
            perimetres_lieux.usage = parc_lieux.usage
            and perimetres_lieux.id_lieu = parc_lieux.id_lieu
            and parc_lieux.profil = ''
    where
        perimetres_lieux.usage = 'annexe'
        and parc_lieux.nb_soumis > 0
        and (conventions.taux_retrocession_pct > 0 or conventions.taux_recu_pct > 0)
)

select
    id_lieu,
    max(nb_soumis) as nb_soumis,
    sum(taux_retrocession_pct) as points_donnes_pct,
    sum(taux_recu_pct) as points_recus_pct,
    coalesce(
        string_agg(code_reservataire, ', ' order by code_reservataire) filter (where taux_retrocession_pct > 0), ''
    ) as donneurs,
    coalesce(string_agg(code_reservataire, ', ' order by code_reservataire) filter (where taux_recu_pct > 0), '')
        as beneficiaires
from parts
group by id_lieu
