-- Délai d'une offre trop court pour qu'un silence vaille refus, ou pas encore échu à la date d'arrêté.
-- Source : CCH R.441-10.
-- Grain : une ligne de la table attributions.
with

offertes as (
    select
        fichier,
        feuille,
        ligne,
        code_reservataire,
        reponse_candidat,
        date_limite_offre,
        cast(date_caleol as date) as date_caleol,
        date_diff('day', cast(date_offre as date), cast(date_limite_offre as date)) as nb_jours
    from raw.attributions
)

select
    'avertissement' as gravite,
    offertes.fichier,
    offertes.feuille,
    offertes.ligne,
    'date_limite_offre' as colonne,
    offertes.date_limite_offre as valeur,
    case
        when offertes.nb_jours < 10
            then 'L''offre laisse ' || offertes.nb_jours || ' jour(s) pour répondre : dix au moins (CCH R.441-10).'
        else 'Le silence du candidat est noté avant la fin du délai de l''offre : il ne vaut pas encore refus.'
    end as message,
    case
        when offertes.nb_jours < 10 then 'Refaites l''offre avec un délai d''au moins dix jours.'
        else 'Attendez le terme du délai avant de noter « sans réponse ».'
    end as correction,
    coalesce(offertes.code_reservataire, '') as code_reservataire
from offertes
inner join ref.exercice on offertes.date_caleol <= exercice.date_fin
where
    offertes.nb_jours < 10
    or (offertes.reponse_candidat = 'sans_reponse' and cast(offertes.date_limite_offre as date) > exercice.date_fin)
