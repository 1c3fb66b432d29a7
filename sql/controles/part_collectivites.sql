-- Les garanties d'emprunt des communes et EPCI d'un territoire dépassent 20 % du flux, ou peuvent les dépasser.
-- Source : CCH R.441-5-3, [001] art. 3, [004] art. 3.
-- Grain : un territoire.
select
    'avertissement' as gravite,
    conventions.fichier,
    conventions.feuille,
    conventions.ligne,
    'taux_pct' as colonne,
    ecrit(plafonds.part_pct) as valeur,
    'La part des communes et EPCI (' || plafonds.detail || ') dépasse 20 % du flux sur ' || plafonds.echelle || ' '
    || plafonds.code_territoire || ', plafond de leurs garanties d''emprunt : de ' || ecrit(plafonds.part_garanties_pct)
    || ' à ' || ecrit(plafonds.part_garanties_max_pct) || ' % viennent de garanties.' as message,
    'Renseignez l''origine des droits : un surplus vient d''un apport de terrain ou d''une subvention.' as correction,
    plafonds.reservataire as code_reservataire
from bilan.plafonds
inner join intermediaire.conventions_datees as conventions on plafonds.id_convention = conventions.id_convention
where
    plafonds.code_reservataire = '_bailleur'
    and plafonds.quota = 'collectivites_garanties'
    and plafonds.depassement_max_points > 0
