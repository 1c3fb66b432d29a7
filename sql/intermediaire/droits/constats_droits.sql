-- Ce qui est à vérifier sur chaque droit à la date de l'état des lieux : logement inconnu, description
-- contredite, droit en double, fin inconnue.
-- Grain : une ligne de la table droits, un constat et une colonne.
-- Clé : fichier, feuille, ligne, constat, colonne
with

connus as (
    select distinct id_logement
    from intermediaire.logements_rpls
    where millesime in (select millesimes.millesime from intermediaire.millesimes)
),

presents as (
    select parc.id_logement
    from intermediaire.parc
    inner join intermediaire.millesimes on parc.millesime = millesimes.millesime and millesimes.usage = 'etat'
),

titulaires as (
    select distinct code_reservataire
    from intermediaire.conventions
),

lus as (
    select
        droits_etat.*,
        connus.id_logement is null as est_inconnu,
        presents.id_logement is not null as est_present,
        titulaires.code_reservataire is null as est_sans_convention
    from intermediaire.droits_etat
    left join connus on droits_etat.id_logement = connus.id_logement
    left join presents on droits_etat.id_logement = presents.id_logement
    left join titulaires on droits_etat.code_reservataire = titulaires.code_reservataire
),

doubles as (
    select
        *,
        string_agg(coalesce(code_reservataire, reservataire), ', ' order by code_reservataire, fichier, feuille, ligne)
            over (partition by id_logement rows between unbounded preceding and unbounded following) as liste_titulaires
    from lus
    where nb_droits_logement > 1 and nature_droit in ('ds', 'contingent') and etat_droit = 'en_cours'
)

select
    fichier,
    feuille,
    ligne,
    'sans_convention' as constat,
    'code_reservataire' as colonne,
    coalesce(reservataire, '') as selon_inventaire,
    '' as selon_rpls,
    'Le réservataire de ce droit n''a pas de convention dans la table reservataires.' as message
from lus
where est_sans_convention
union all
select
    fichier,
    feuille,
    ligne,
    'logement_inconnu' as constat,
    'ident_rep' as colonne,
    id_logement as selon_inventaire,
    '' as selon_rpls,
    'Le logement n''est dans aucun RPLS fourni.' as message
from lus
where id_logement is not null and est_inconnu
union all
select
    fichier,
    feuille,
    ligne,
    'absent_du_parc' as constat,
    'ident_rep' as colonne,
    id_logement as selon_inventaire,
    '' as selon_rpls,
    'Le logement n''est plus dans le RPLS ' || millesime_etat || ', qui ne le déclare pas sorti.' as message
from lus
where not est_inconnu and not est_present and libelle_sortie is null
union all
select
    fichier,
    feuille,
    ligne,
    'hors_territoire' as constat,
    'ident_rep' as colonne,
    coalesce(id_logement, '') as selon_inventaire,
    '' as selon_rpls,
    'Le droit est hors du territoire de la convention : il ne compte pas dans son taux.' as message
from lus
where not est_sans_convention and not est_situe and (est_present or id_logement is null)
union all
select
    fichier,
    feuille,
    ligne,
    'droit_en_double' as constat,
    'ident_rep' as colonne,
    id_logement as selon_inventaire,
    '' as selon_rpls,
    nb_droits_logement || ' droits en cours portent sur ce logement : ' || liste_titulaires || '.' as message
from doubles
union all
select
    fichier,
    feuille,
    ligne,
    'fin_inconnue' as constat,
    'date_fin_emprunt' as colonne,
    '' as selon_inventaire,
    '' as selon_rpls,
    'Garantie d''emprunt sans date de fin ni fin de l''emprunt : la fin du droit est inconnue.' as message
from lus
where motif_fin = 'emprunt_inconnu'
union all
select
    fichier,
    feuille,
    ligne,
    'contredit_rpls' as constat,
    colonne,
    selon_inventaire,
    selon_rpls,
    'L''inventaire dit ' || selon_inventaire || ', le RPLS dit ' || selon_rpls || ' : le RPLS fait foi.' as message
from intermediaire.droits_contredits
