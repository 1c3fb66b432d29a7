-- Logements mis à disposition d'un réservataire ; rien après la date d'arrêté d'un point d'étape.
-- Source : contrat, « Closed and open ».
-- Grain : une ligne de la table propositions, numérotée d'après son contenu.
-- Clé : id_ligne
with

lues as (
    select
        evenements.id_proposition,
        evenements.code_reservataire,
        cast(evenements.date_mise_a_disposition as date) as date_mise_a_disposition,
        cast(evenements.premiere_location as boolean) as premiere_location,
        cast(evenements.date_limite_reponse as date) as date_limite_reponse,
        cast(evenements.date_relance as date) as date_relance,
        cast(evenements.nb_candidats as integer) as nb_candidats,
        evenements.issue,
        evenements.operation,
        identifiants.id_logement,
        evenements.fichier,
        evenements.feuille,
        evenements.ligne
    from raw.propositions as evenements
    left join
        staging.identifiants
        on
            coalesce(evenements.ident_rep, '') = identifiants.ident_rep
            and coalesce(evenements.ident_interne, '') = identifiants.ident_interne
)

select
    row_number() over (
        order by
            lues.id_logement,
            lues.date_mise_a_disposition,
            lues.code_reservataire,
            lues.id_proposition,
            lues.premiere_location,
            lues.issue,
            lues.date_relance,
            lues.date_limite_reponse,
            lues.nb_candidats,
            lues.operation,
            lues.fichier,
            lues.feuille,
            lues.ligne
    ) as id_ligne,
    lues.id_proposition,
    lues.code_reservataire,
    lues.date_mise_a_disposition,
    lues.premiere_location,
    lues.date_limite_reponse,
    lues.date_relance,
    lues.nb_candidats,
    lues.issue,
    lues.operation,
    lues.id_logement,
    lues.fichier,
    lues.feuille,
    lues.ligne
from lues
inner join ref.exercice on not exercice.est_provisoire or lues.date_mise_a_disposition <= exercice.date_fin
