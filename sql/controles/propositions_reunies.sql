-- Des propositions sans id_proposition ont le même logement, le même réservataire et la même date : une seule offre.
-- Source : contrat, table `propositions`.
-- Grain : un fichier.
with

lignes as (
    select
        fichier,
        count(*) as nb_lignes
    from staging.propositions
    where id_proposition is null
    group by fichier
),

reunies as (
    select
        fichier,
        count(*) as nb_offres
    from intermediaire.offres
    where id_proposition is null
    group by fichier
)

select
    'avertissement' as gravite,
    lignes.fichier,
    '' as feuille,
    null as ligne,
    'id_proposition' as colonne,
    '' as valeur,
    lignes.nb_lignes || ' lignes sans id_proposition font ' || coalesce(reunies.nb_offres, 0)
    || ' offre(s) : celles du même logement, du même réservataire et du même jour n''en font qu''une.' as message,
    'Donnez un id_proposition à chaque offre si ce sont des offres distinctes.' as correction,
    '' as code_reservataire
from lignes
left join reunies on lignes.fichier = reunies.fichier
where lignes.nb_lignes > coalesce(reunies.nb_offres, 0)
