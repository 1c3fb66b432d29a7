-- Ce que chaque convention a choisi là où les conventions se contredisent, avec sa source.
-- Source : note de domaine, section 10.
-- Grain : une convention et une règle.
-- Clé : id_convention, rang
select
    conventions.id_convention,
    conventions.code_reservataire,
    conventions.numero,
    unnest([0, 1, 2, 3, 4, 5, 6, 7, 8]) as rang,
    unnest([
        'Territoire',
        'Convention',
        'Taux du réservataire (ligne i)',
        'Taux de rotation (ligne d)',
        'Décompte de l''objectif',
        'Arrondis',
        'Report sur l''année suivante',
        'Échéance du bilan',
        'Échéance de l''état des lieux'
    ]) as rubrique,
    unnest([
        coalesce(
            coalesce(territoires.libelle_modalite, departements.libelle_departement, conventions.echelle)
            || ' (' || nullif(conventions.code_territoire, '') || ')',
            'tout le parc du bailleur'
        ),
        coalesce('du ' || strftime(conventions.date_debut, '%d/%m/%Y'), 'début non renseigné') || ' '
        || coalesce('au ' || strftime(conventions.date_fin, '%d/%m/%Y'), 'sans fin renseignée'),
        regles_taux.libelle,
        regles_rotation.libelle || case
            when conventions.base_rotation not like 'liberations_%' then ''
            when not coalesce(rotation_liberations.est_moyenne_3_ans, false) then ''
            when rotation_liberations.taux is null then ' ; libérations non fournies'
            when rotation_liberations.nb_annees = 0 then ' ; aucune libération depuis trois ans'
            else
                ' ; aucune libération dans l''exercice : moyenne de ' || rotation_liberations.nb_annees || ' an(s)'
        end,
        coalesce(evenements_decompte.libelle, conventions.evenement_decompte),
        regles_arrondi.libelle || ' ; ' || regles_arrondi_final.libelle,
        if(
            conventions.report_n1,
            'l''écart non justifié s''ajoute à l''objectif suivant, le dépassement s''en retranche',
            'pas de report : actions correctives seulement'
        ),
        conventions.jour_bilan || ' de l''année suivante',
        conventions.jour_edl
    ]) as regle,
    unnest([
        'CCH R.441-5-3',
        'convention',
        regles_taux.source,
        regles_rotation.source,
        evenements_decompte.source,
        regles_arrondi.source,
        if(conventions.report_n1, '[002] art. 6.1', '[001] art. 8, [004] art. 9'),
        'CCH R.441-5-1, convention',
        '[001] art. 3, convention'
    ]) as source
from intermediaire.conventions
left join intermediaire.rotation_liberations
    on conventions.id_convention = rotation_liberations.id_convention and rotation_liberations.usage = 'annexe'
left join ref.evenements_decompte on conventions.evenement_decompte = evenements_decompte.evenement_decompte
left join ref.regles as regles_taux on conventions.mode_taux = regles_taux.code and regles_taux.liste = 'mode_taux'
left join ref.regles as regles_rotation
    on conventions.base_rotation = regles_rotation.code and regles_rotation.liste = 'base_rotation'
left join ref.regles as regles_arrondi
    on conventions.arrondi_etapes = regles_arrondi.code and regles_arrondi.liste = 'arrondi_etapes'
left join ref.regles as regles_arrondi_final
    on conventions.arrondi_final = regles_arrondi_final.code and regles_arrondi_final.liste = 'arrondi_final'
left join intermediaire.libelles_modalites as territoires
    on conventions.echelle = territoires.dimension and conventions.code_territoire = territoires.modalite
left join ref.departements
    on if(conventions.echelle = 'departement', conventions.code_territoire, null) = departements.code_departement
