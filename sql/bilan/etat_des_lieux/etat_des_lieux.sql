-- État des lieux des réservations : chaque droit avec son logement décrit par le RPLS, son état à la date et sa
-- fin.
-- Source : [001] art. 3, [002] annexe 4.
-- Grain : un bilan et une ligne de la table droits.
-- Clé : code_reservataire, fichier, feuille, ligne
with

reserves as (
    select
        code_reservataire,
        libelle
    from intermediaire.conventions
    where numero = 1
),

verifications as (
    select
        fichier,
        feuille,
        ligne,
        string_agg(message, ' ' order by constat, colonne) as a_verifier,
        string_agg(
            if(constat = 'contredit_rpls', libelle_colonne || ' : ' || selon_inventaire, null), ', ' order by colonne
        ) as inventaire_different
    from intermediaire.constats_droits
    inner join ref.colonnes_droits using (colonne)
    group by fichier, feuille, ligne
),

decrits as (
    select
        droits_etat.* exclude (code_reservataire),
        droits_etat.code_reservataire as code_donne,
        reserves.code_reservataire as code_du_droit,
        coalesce(reserves.libelle, droits_etat.reservataire, droits_etat.code_reservataire) as libelle_reservataire,
        logements_decrits.id_logement is not null as est_au_rpls,
        logements_decrits.ident_rep as ident_rep_rpls,
        logements_decrits.ident_interne as ident_interne_rpls,
        coalesce(droits_etat.residence, logements_decrits.programme) as nom_residence,
        coalesce(logements_decrits.libelle_departement, droits_etat.departement) as libelle_departement,
        coalesce(logements_decrits.libelle_epci, droits_etat.epci) as libelle_epci,
        coalesce(logements_decrits.libelle_commune, droits_etat.commune) as libelle_commune,
        if(droits_etat.en_qpv = 'true', 'Oui', if(droits_etat.en_qpv = 'false', 'Non', null)) as inventaire_qpv,
        coalesce(logements_decrits.libelle_qpv, inventaire_qpv) as libelle_qpv,
        coalesce(logements_decrits.libelle_typologie, droits_etat.typologie) as libelle_typologie,
        coalesce(logements_decrits.libelle_financement, droits_etat.financement) as libelle_financement,
        case droits_etat.collectif_individuel when 'collectif' then 'Collectif' when 'individuel' then 'Individuel' end
            as inventaire_construction,
        coalesce(logements_decrits.libelle_construction, inventaire_construction) as libelle_construction,
        natures_droit.libelle as libelle_nature,
        origines_droit.libelle as libelle_origine,
        verifications.a_verifier,
        verifications.inventaire_different
    from intermediaire.droits_etat
    left join intermediaire.logements_decrits using (id_logement)
    left join reserves on droits_etat.code_reservataire = reserves.code_reservataire
    left join ref.natures_droit using (nature_droit)
    left join ref.origines_droit using (origine_droit)
    left join verifications using (fichier, feuille, ligne)
)

select
    unnest(if(code_du_droit is null, ['_bailleur'], [code_du_droit, '_bailleur'])) as code_reservataire,
    date_etat_des_lieux,
    coalesce(code_du_droit, code_donne) as code_titulaire,
    coalesce(ident_interne, ident_interne_rpls) as ident_interne,
    nom_residence,
    coalesce(ident_rep, ident_rep_rpls) as ident_rep,
    libelle_reservataire,
    libelle_departement,
    libelle_epci,
    libelle_commune,
    libelle_qpv,
    libelle_typologie,
    libelle_financement,
    libelle_construction,
    date_debut,
    date_fin,
    numero_convention,
    nature_droit,
    libelle_nature,
    origine_droit,
    libelle_origine,
    nombre_droits,
    date_fin_emprunt,
    etat_droit,
    case etat_droit when 'en_cours' then 'En cours' when 'eteint' then 'Éteint' else 'Pas encore commencé' end
        as libelle_etat,
    date_extinction,
    case motif_fin
        when 'sortie_parc'
            then 'Sorti du parc en ' || annee_sortie || ' : ' || libelle_sortie || ' (RPLS ' || millesime_sortie || ')'
        when 'date_fin' then 'Terme de la convention'
        when 'emprunt_rembourse'
            then
                if(date_extinction = date_fin_emprunt, 'Remboursement', 'Cinq ans après le remboursement')
                || ' de l''emprunt, le ' || strftime(date_fin_emprunt, '%d/%m/%Y')
        when 'emprunt_inconnu' then 'Terme inconnu : la fin de l''emprunt garanti n''est pas renseignée'
        else 'Sans terme écrit'
    end as explication_fin,
    est_compte,
    case
        when est_compte then ''
        when etat_droit = 'eteint' then 'Droit éteint'
        when etat_droit = 'pas_commence' then 'Droit pas encore commencé'
        when nature_droit not in ('ds', 'contingent') then 'Droit unique : compté dans le volume de droits'
        when code_du_droit is null then 'Réservataire sans convention'
        when id_logement is not null and not est_au_rpls then 'Logement inconnu du RPLS'
        else 'Hors du territoire de la convention, ou absent du parc'
    end as explication_compte,
    est_nouveau,
    est_eteint_depuis,
    inventaire_qpv,
    typologie as inventaire_typologie,
    financement as inventaire_financement,
    inventaire_construction,
    inventaire_different,
    a_verifier,
    fichier,
    feuille,
    ligne
from decrits
