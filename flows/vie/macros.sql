-- Macros en français sur l'entrepôt publié : nombres décimaux, une ligne ou une table.
create macro taux_rotation(commune, code := '_bailleur') as (
    select round(
        100 * sum(m.nombre) filter (where m.mesure = 'liberations')
        / nullif(sum(m.nombre) filter (where m.mesure = 'parc_soumis'), 0), 6
    )
    from bilan.mesures as m
    where m.code_reservataire = code and m.dimension = 'commune' and m.modalite = commune
);

create macro flux(code) as (
    select l.valeur from bilan.lignes_flux as l where l.code_reservataire = code and l.ligne = 'j'
);

create macro ligne_annexe(code, lettre) as (
    select l.valeur from bilan.lignes_flux as l where l.code_reservataire = code and l.ligne = lettre
);

create macro detail(code, nom_mesure) as table
select e.* from bilan.evenements as e
where e.code_reservataire = code and e.mesure = nom_mesure
order by e.date_evenement, e.fichier, e.feuille, e.ligne;

create macro exclus(code) as table
select e.* from bilan.evenements as e
where
    e.code_reservataire = code and e.mesure = 'parc_total'
    and e.id_logement not in (
        select s.id_logement from bilan.evenements as s where s.code_reservataire = code and s.mesure = 'parc_soumis'
    )
order by e.id_logement;

create macro delais(code) as table
select
    l.ident_rep,
    l.reservataire,
    l.date_mise_a_disposition,
    l.date_caleol - l.date_mise_a_disposition as jours_jusqu_a_la_caleol,
    l.date_signature_bail - l.date_caleol as jours_jusqu_au_bail
from bilan.logements as l
where l.code_reservataire = code
order by l.date_mise_a_disposition, l.ident_rep;
