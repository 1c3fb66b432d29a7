-- Macros en français, en nombres décimaux ; sans année, celle de l'entrepôt ouvert.

-- Taux de rotation d'une commune, en % : libérations ÷ parc soumis. taux_rotation('2B033'), taux_rotation('2B033', 2024)
create macro taux_rotation(code_commune, an := null, code := '_bailleur') as (
    select
        cast(
            100 * sum(m.nombre) filter (where m.mesure = 'liberations')
            / nullif(sum(m.nombre) filter (where m.mesure = 'parc_soumis'), 0) as decimal(9, 4)
        )
    from mesures_annees as m
    where
        m.code_reservataire = code and m.dimension = 'commune' and m.modalite = code_commune
        and m.annee = coalesce(an, (select x.annee from ref.exercice as x))
);

-- Flux d'un réservataire (ligne j de l'annexe). flux('BASTIA'), flux('BASTIA', 2025)
create macro flux(code, an := null) as (
    select cast(l.valeur as decimal(18, 6))
    from lignes_flux_annees as l
    where
        l.code_reservataire = code and l.ligne = 'j'
        and l.annee = coalesce(an, (select x.annee + 1 from ref.exercice as x))
);

-- Une ligne de l'annexe, de a à j. ligne_annexe('BASTIA', 'd')
create macro ligne_annexe(code, lettre, an := null) as (
    select cast(l.valeur as decimal(18, 6))
    from lignes_flux_annees as l
    where
        l.code_reservataire = code and l.ligne = lettre
        and l.annee = coalesce(an, (select x.annee + 1 from ref.exercice as x))
);

-- Les lignes derrière un chiffre. from detail('BASTIA', 'baux_signes')
create macro detail(code, nom_mesure) as table
select e.* from bilan.evenements as e
where e.code_reservataire = code and e.mesure = nom_mesure
order by e.date_evenement, e.fichier, e.feuille, e.ligne;

-- Les logements hors du flux. from exclus('_bailleur')
create macro exclus(code) as table
select e.* from bilan.evenements as e
where
    e.code_reservataire = code and e.mesure = 'parc_total'
    and e.id_logement not in (
        select s.id_logement from bilan.evenements as s where s.code_reservataire = code and s.mesure = 'parc_soumis'
    )
order by e.id_logement;

-- De la libération à la proposition, à la commission, au bail, en jours. from delais('_bailleur')
create macro delais(code) as table
select d.libelle, d.nombre, d.nb_connus, d.jours_minimum, d.jours_mediane, d.jours_maximum, d.jours_promis
from bilan.delais as d
where d.code_reservataire = code
order by d.ordre;
