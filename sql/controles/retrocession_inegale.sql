-- Des points rétrocédés par l'État ne sont reçus par personne, ou des points reçus ne sont donnés par personne.
-- Source : [003] art. 4 c ; contrat, « Part ».
-- Grain : un groupe de communes où les mêmes conventions donnent et reçoivent.
select
    'avertissement' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'taux_recu_pct' as colonne,
    ecrit(retrocessions.points_donnes_pct - retrocessions.points_recus_pct) as valeur,
    ecrit(retrocessions.points_donnes_pct) || ' point(s) de flux rétrocédé(s) ('
    || if(retrocessions.donneurs = '', 'personne', retrocessions.donneurs) || '), '
    || ecrit(retrocessions.points_recus_pct) || ' reçu(s) ('
    || if(retrocessions.beneficiaires = '', 'personne', retrocessions.beneficiaires) || ') dans '
    || count(distinct lieux.code_commune) || ' commune(s), dont ' || min(lieux.code_commune) || '.' as message,
    'Renseignez taux_recu_pct de qui reçoit ces points : une rétrocession ne se perd pas.' as correction,
    '' as code_reservataire
from intermediaire.retrocessions
inner join intermediaire.lieux on retrocessions.id_lieu = lieux.id_lieu
where retrocessions.points_donnes_pct <> retrocessions.points_recus_pct
group by
    retrocessions.points_donnes_pct, retrocessions.points_recus_pct, retrocessions.donneurs, retrocessions.beneficiaires
