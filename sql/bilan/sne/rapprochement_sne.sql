-- Écarts entre les baux et les radiations du SNE ([002] art. 5, [003] art. 5), sans personne : des lignes de
-- fichiers.
-- Grain : un bilan et un écart d'un bail ou d'une radiation.
-- Clé : aucune
with

-- Un fichier du SNE sans contingent ne contredit personne.
contingents_donnes as (
    select count(contingent_sne) > 0 as sont_donnes
    from staging.sne
),

constats as (
    select
        unnest(list_filter([
            if(fichier_sne is null and not est_sans_nud, 'absent_sne', null),
            if(est_sans_nud, 'nud_absent', null),
            if(fichier is null, 'absent_baux', null),
            if(id_logement <> id_logement_sne, 'autre_logement', null),
            if(
                date_signature_bail <> date_bail_sne
                and (date_radiation is not null or coalesce(nb_jours_ouvrables <= 10, true)),
                'autre_date',
                null
            ),
            if(nb_jours_ouvrables > 10, 'hors_delai', null),
            if(
                fichier is not null
                and fichier_sne is not null
                and est_contingent_connu
                and coalesce(contingent_attendu, '') <> coalesce(contingent_sne, '')
                and contingents_donnes.sont_donnes,
                'autre_contingent',
                null
            )
        ], lambda code: code is not null)) as ecart_sne,
        *
    from intermediaire.rapprochements_sne
    cross join contingents_donnes
),

destines as (
    select
        unnest(codes_bilan) as code_bilan,
        *
    from constats
)

select
    destines.code_bilan as code_reservataire,
    destines.ecart_sne,
    ecarts_sne.libelle,
    ecarts_sne.correction,
    ecarts_sne.ordre,
    destines.id_decision,
    destines.id_logement,
    destines.id_logement_sne,
    destines.date_signature_bail,
    destines.date_bail_sne,
    destines.date_radiation,
    destines.nb_jours_ouvrables,
    destines.contingent_attendu,
    destines.contingent_sne,
    destines.fichier,
    destines.feuille,
    destines.ligne,
    destines.fichier_sne,
    destines.feuille_sne,
    destines.ligne_sne
from destines
inner join ref.ecarts_sne on destines.ecart_sne = ecarts_sne.ecart_sne
inner join bilan.entetes on destines.code_bilan = entetes.code_reservataire
