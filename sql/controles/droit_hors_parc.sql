-- Droits d'un logement que le RPLS connaît, mais qui n'est pas dans le parc à la date de l'annexe : ils ne comptent pas.
-- Source : contrat, « Dwellings ».
-- Grain : une ligne de fichier.
select
    'avertissement' as gravite,
    droits.fichier,
    droits.feuille,
    droits.ligne,
    'ident_rep' as colonne,
    droits.id_logement as valeur,
    'Le logement ' || droits.id_logement || ' n''est pas dans le parc du RPLS ' || millesimes.millesime
    || ' : le droit de ' || coalesce(droits.code_reservataire, droits.reservataire, '')
    || ' ne compte pas dans son taux.' as message,
    'Renseignez date_fin si le logement est sorti ; sinon vérifiez le RPLS.' as correction,
    coalesce(droits.code_reservataire, '') as code_reservataire
from staging.droits
inner join intermediaire.millesimes on millesimes.usage = 'annexe'
semi join intermediaire.caracteristiques
    on
        droits.id_logement = caracteristiques.id_logement
        and caracteristiques.origine_caracteristiques in ('rpls_n', 'rpls_n1')
anti join intermediaire.parc
    on droits.id_logement = parc.id_logement and millesimes.millesime = parc.millesime
where
    droits.nature_droit in ('ds', 'contingent')
    and coalesce(droits.date_debut <= millesimes.date_etat, true)
    and coalesce(droits.date_fin >= millesimes.date_etat, true)
