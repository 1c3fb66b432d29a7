-- Des propositions d'identifiants différents ont le même logement, le même réservataire et le même jour : chacune compte.
-- Source : contrat, table `propositions`.
-- Grain : un fichier, une feuille, un logement, un réservataire et un jour.
select
    'avertissement' as gravite,
    fichier,
    feuille,
    min(ligne) as ligne,
    'id_proposition' as colonne,
    string_agg(distinct id_proposition, ', ' order by id_proposition) as valeur,
    'Le logement ' || id_logement || ' est proposé ' || count(distinct id_proposition) || ' fois à '
    || code_reservataire || ' le ' || strftime(date_mise_a_disposition, '%d/%m/%Y') || ' (lignes '
    || string_agg(ligne, ', ' order by ligne) || ') : chaque identifiant compte une mise à disposition.' as message,
    'Si ces lignes sont les candidats d''une même offre, leur identifiant n''est pas celui de l''offre : dites'
    || ' « ne pas lire » de cette colonne dans correspondances.xlsx, feuille Colonnes.' as correction,
    code_reservataire
from staging.propositions
where id_proposition is not null and coalesce(issue, '') <> 'annulation' and id_logement is not null
group by fichier, feuille, id_logement, code_reservataire, date_mise_a_disposition
having count(distinct id_proposition) > 1
