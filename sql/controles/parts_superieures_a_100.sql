-- Les parts des réservataires d'une même commune dépassent 100 %.
-- Source : note de domaine, section 6.
-- Grain : un groupe de communes et de conventions.
select
    'erreur' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'taux_pct' as colonne,
    cast(en_decimal(max(part_cumulee) * 100) as varchar) as valeur,
    'Les parts cumulées de ' || debut_de_liste(reservataires) || ' dépassent 100 % du flux sur : '
    || debut_de_liste(string_agg(code_commune, ', ' order by code_commune)) || '.' as message,
    'Revoyez les taux de ces conventions : le total des parts d''un territoire ne peut dépasser 100 %.' as correction,
    '' as code_reservataire
from intermediaire.parts_par_commune
where en_decimal(part_cumulee * 100) > 100
group by reservataires
