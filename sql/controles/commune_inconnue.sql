-- Une commune du RPLS n'est pas au code officiel géographique.
-- Grain : une commune et un fichier.
select
    'avertissement' as gravite,
    rpls.fichier,
    rpls.feuille,
    min(rpls.ligne) as ligne,
    'depcom' as colonne,
    rpls.code_commune_rpls as valeur,
    'La commune « ' || coalesce(rpls.code_commune_rpls, '(vide)') || ' » de ' || count(*)
    || ' logement(s) n''est pas au code officiel géographique.' as message,
    'Vérifiez DEPCOM : cinq caractères, zéro de tête compris.' as correction,
    '' as code_reservataire
from staging.rpls
where rpls.code_commune_rpls is null or rpls.code_commune_rpls not in (select communes.code_commune from ref.communes)
group by rpls.fichier, rpls.feuille, rpls.code_commune_rpls
