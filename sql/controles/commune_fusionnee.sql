-- Une commune du RPLS a fusionné depuis : le parc est ramené à la commune d'aujourd'hui.
-- Grain : une commune et un fichier.
select
    'information' as gravite,
    rpls.fichier,
    rpls.feuille,
    min(rpls.ligne) as ligne,
    'depcom' as colonne,
    rpls.code_commune_rpls as valeur,
    'La commune ' || rpls.code_commune_rpls || ' (' || count(*) || ' logement(s)) est devenue '
    || min(communes.code_commune_actuelle) || ' : les bilans prennent le code d''aujourd''hui.' as message,
    'Rien à faire : le parc et les conventions sont ramenés à la commune d''aujourd''hui.' as correction,
    '' as code_reservataire
from staging.rpls
inner join ref.communes on rpls.code_commune_rpls = communes.code_commune
anti join ref.arrondissements on rpls.code_commune_rpls = arrondissements.code_arrondissement
where communes.code_commune <> communes.code_commune_actuelle
group by rpls.fichier, rpls.feuille, rpls.code_commune_rpls
