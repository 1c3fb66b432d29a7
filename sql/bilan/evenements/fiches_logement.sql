-- Fiche de présentation de chaque logement proposé dans le mois de la date d'arrêté : ce qui accompagne l'avis de vacance
-- ou la notification au réservataire ; rien sur une personne.
-- Source : [002] annexe 2, [001] art. 5, [004] art. 6-1.
-- Grain : une proposition non annulée.
-- Clé : id_offre
with

proposees as (
    select
        offres.*,
        caracteristiques.typologie,
        caracteristiques.financement,
        caracteristiques.qpv,
        caracteristiques.periode_construction,
        caracteristiques.accessibilite,
        caracteristiques.commune
    from intermediaire.offres
    inner join ref.exercice
        on offres.date_mise_a_disposition between date_trunc('month', exercice.date_fin) and exercice.date_fin
    inner join intermediaire.caracteristiques on offres.id_logement = caracteristiques.id_logement
    where not offres.est_annulee
),

-- la libération la plus proche de la proposition dit quand le logement est disponible
disponibles as (
    select
        proposees.id_offre,
        cast(liberations.date_liberation as date) as date_disponibilite,
        cast(liberations.date_conge as date) as date_conge
    from proposees
    inner join staging.liberations on proposees.id_logement = liberations.id_logement
    qualify row_number() over (
        partition by proposees.id_offre
        order by
            abs(date_diff('day', liberations.date_liberation, proposees.date_mise_a_disposition)),
            liberations.date_liberation,
            liberations.date_conge nulls last
    ) = 1
),

du_rpls as (
    select
        rpls.id_logement,
        rpls.ident_rep,
        rpls.ident_interne,
        fiches_rpls.*
    from staging.rpls
    inner join staging.fiches_rpls
        on
            rpls.fichier = fiches_rpls.fichier
            and rpls.feuille = fiches_rpls.feuille
            and rpls.ligne = fiches_rpls.ligne
    cross join ref.exercice
    where rpls.id_logement in (select proposees.id_logement from proposees)
    qualify row_number() over (
        partition by rpls.id_logement
        order by
            rpls.millesime = exercice.annee desc,
            rpls.millesime desc,
            rpls.fichier asc,
            rpls.feuille asc,
            rpls.ligne asc
    ) = 1
)

select
    proposees.code_reservataire,
    proposees.id_offre,
    proposees.id_proposition,
    proposees.date_mise_a_disposition,
    proposees.date_limite_reponse,
    date_diff('day', proposees.date_mise_a_disposition, proposees.date_limite_reponse) as nb_jours_reponse,
    disponibles.date_disponibilite,
    disponibles.date_conge,
    proposees.est_premiere_location,
    proposees.operation,
    proposees.id_logement,
    coalesce(du_rpls.ident_rep, '') as ident_rep,
    coalesce(du_rpls.ident_interne, '') as ident_interne,
    coalesce(du_rpls.nom_residence, '') as nom_residence,
    coalesce(du_rpls.adresse, '') as adresse,
    coalesce(du_rpls.code_postal, '') as code_postal,
    coalesce(communes.libelle_commune, proposees.commune) as libelle_commune,
    qpv.libelle as libelle_qpv,
    typologies.libelle as libelle_typologie,
    financements.libelle as libelle_financement,
    periodes.libelle as libelle_periode,
    acces.libelle as libelle_accessibilite,
    coalesce(du_rpls.annee_declaree, '') as annee_declaree,
    coalesce(du_rpls.etage, '') as etage,
    case du_rpls.typeconst when 'C' then 'Collectif' when 'I' then 'Individuel' else '' end as libelle_construction,
    du_rpls.surface_habitable,
    coalesce(du_rpls.loyer_principal, '') as loyer_principal,
    coalesce(du_rpls.loyer_accessoire, '') as loyer_accessoire
from proposees
left join disponibles on proposees.id_offre = disponibles.id_offre
left join du_rpls on proposees.id_logement = du_rpls.id_logement
left join ref.communes on proposees.commune = communes.code_commune
left join ref.modalites as qpv on proposees.qpv = qpv.modalite and qpv.dimension = 'qpv'
left join ref.modalites as typologies
    on proposees.typologie = typologies.modalite and typologies.dimension = 'typologie'
left join ref.modalites as financements
    on proposees.financement = financements.modalite and financements.dimension = 'financement'
left join ref.modalites as periodes
    on proposees.periode_construction = periodes.modalite and periodes.dimension = 'periode_construction'
left join ref.modalites as acces
    on proposees.accessibilite = acces.modalite and acces.dimension = 'accessibilite'
