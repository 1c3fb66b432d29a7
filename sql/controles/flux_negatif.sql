-- Les soustractions dépassent le flux brut : le flux à répartir est ramené à zéro.
-- Source : note de domaine, section 3, ligne h.
-- Grain : un bilan et un territoire.
select
    'erreur' as gravite,
    '' as fichier,
    '' as feuille,
    null as ligne,
    'h' as colonne,
    cast(en_decimal(h_signe) as varchar) as valeur,
    'Le flux à répartir de ' || code_reservataire || ' est négatif (e − f − g = ' || ecrit(en_decimal(h_signe))
    || ') : il est ramené à 0.' as message,
    'Vérifiez les prévisions de soustraction et le taux de rotation du territoire.' as correction,
    code_reservataire
from intermediaire.calcul_flux
where h_signe < 0 and nature_bilan = 'reservataire' and usage = 'annexe'
