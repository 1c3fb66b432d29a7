-- Droits de réservation à chaque date utile (annexe, état des lieux, état précédent), sur la convention où chacun
-- compte : commencés, non éteints selon le titulaire et les options de cette convention.
-- Source : contrat, « Part » ; CCH R.441-6.
-- Grain : un usage, une ligne de la table droits et une convention.
-- Clé : usage, id_convention, fichier, feuille, ligne
with

dates as (
    select
        droits_places.*,
        droits.code_reservataire,
        droits.id_logement,
        droits.nature_droit,
        droits.origine_droit,
        droits.nombre_droits,
        droits.date_debut,
        millesimes.date_etat,
        fin_du_droit(
            droits.date_fin, droits.origine_droit, droits.date_fin_emprunt, conventions_datees.est_garantie_prolongee
        ) as date_extinction
    from intermediaire.droits_places
    inner join staging.droits using (fichier, feuille, ligne)
    inner join intermediaire.millesimes on droits_places.usage = millesimes.usage
    inner join intermediaire.conventions_datees
        on droits_places.id_convention = conventions_datees.id_convention
)

select
    usage,
    id_convention,
    code_reservataire,
    id_logement,
    nature_droit,
    origine_droit,
    nombre_droits,
    part_numerateur,
    part_denominateur,
    if(
        part_numerateur = part_denominateur,
        cast(nombre_droits as decimal(38, 18)),
        part_de(nombre_droits, part_numerateur, part_denominateur)
    ) as nb_droits_comptes,
    date_debut,
    date_extinction,
    coalesce(date_debut <= date_etat, true) as est_commence,
    coalesce(date_extinction < date_etat, false) as est_eteint,
    true as est_situe,
    nature_droit in ('ds', 'contingent')
    and coalesce(date_debut <= date_etat, true)
    and not coalesce(date_extinction < date_etat, false) as est_compte,
    fichier,
    feuille,
    ligne
from dates
