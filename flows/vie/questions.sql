-- Question : Où en est chaque réservataire de son objectif ?
select code_reservataire, objectif, decompte, ecart, taux_atteinte_pct
from bilan.synthese
where objectif is not null
order by taux_atteinte_pct;

-- Question : Quelle part des logements libérés est passée par le flux de chaque réservataire ?
select code_reservataire, libelle, taux_orientation_pct, taux_attribution_pct, taux_refus_pct, taux_bail_pct
from bilan.reservataires
where code_reservataire = '_bailleur'
order by ordre;

-- Question : Qu'ont reçu les réservataires dans chaque commune ?
select modalite as commune, code_reservataire, mesure, nombre
from bilan.mesures
where dimension = 'commune' and mesure in ('proposes', 'attribues', 'baux_signes')
order by commune, code_reservataire, mesure;

-- Question : Comment se partagent les logements attribués sur le parc du bailleur ?
select code_reservataire, sum(nombre) as attribues
from bilan.repartition
where code_bilan = '_bailleur' and mesure = 'attribues' and dimension = 'total'
group by code_reservataire
order by attribues desc, code_reservataire;

-- Question : Quelles lignes mènent au flux de l'an prochain ?
select code_reservataire, ligne, libelle, valeur, unite
from bilan.lignes_flux
where ligne in ('c', 'd', 'e', 'f', 'h', 'i', 'j')
order by code_reservataire, ordre;

-- Question : Quelle est la rotation par commune ?
select
    modalite as commune,
    sum(nombre) filter (where mesure = 'liberations') as liberations,
    sum(nombre) filter (where mesure = 'parc_soumis') as parc_soumis,
    round(100 * sum(nombre) filter (where mesure = 'liberations')
        / nullif(sum(nombre) filter (where mesure = 'parc_soumis'), 0), 2) as rotation_pct
from bilan.mesures
where code_reservataire = '_bailleur' and dimension = 'commune'
group by modalite
order by rotation_pct desc nulls last, commune;

-- Question : Combien de jours de la libération à la proposition, à la commission, au bail ?
select code_reservataire, libelle, nb_connus, jours_minimum, jours_mediane, jours_maximum, jours_promis
from bilan.delais
order by code_reservataire, ordre;

-- Question : Quels logements proposés n'ont pas compté, et pourquoi ?
select reservataire, ident_rep, date_mise_a_disposition, libelle_motif
from bilan.logements
where code_reservataire = '_bailleur' and compte = 'non'
order by reservataire, date_mise_a_disposition, ident_rep;

-- Question : Les quotas de l'article L.441-1 sont-ils atteints ?
select *
from bilan.quotas
where code_reservataire = '_bailleur';

-- Question : Quelles anomalies restent à traiter, les plus graves d'abord ?
select gravite, code, count(*) as nombre, min(message) as exemple
from audit.anomalies
group by gravite, code
order by
    case gravite when 'bloquant' then 1 when 'erreur' then 2 when 'avertissement' then 3 else 4 end,
    nombre desc,
    code;
