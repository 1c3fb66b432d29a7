-- Prévisions de soustractions qui ne comptent pour personne : aucun logement sur leur territoire, la même opération
-- prévue à une échelle plus fine, une déduction sans l'accord du préfet.
-- Source : contrat, « f » et « Missing ».
-- Grain : une ligne de la table previsions.
with

examinees as (
    select
        previsions_retenues.*,
        coalesce(categories.libelle, 'Autres déductions') as libelle,
        previsions_retenues.echelle || rtrim(' ' || previsions_retenues.code_territoire) as territoire,
        if(
            previsions_retenues.sort_prevision = 'retenue' and parts_previsions.id_convention is null,
            'sans_logement',
            previsions_retenues.sort_prevision
        ) as sort_reel
    from intermediaire.previsions_retenues
    left join ref.categories on previsions_retenues.categorie = categories.categorie
    left join intermediaire.parts_previsions
        on
            previsions_retenues.usage = parts_previsions.usage
            and previsions_retenues.echelle = parts_previsions.echelle
            and previsions_retenues.code_territoire = parts_previsions.code_territoire
            and parts_previsions.id_convention = '_bailleur'
)

select
    if(sort_reel = 'echelle_plus_fine', 'information', 'avertissement') as gravite,
    fichier,
    feuille,
    ligne,
    case sort_reel
        when 'sans_logement' then 'code_territoire'
        when 'echelle_plus_fine' then 'code_operation'
        else 'accord_prefet'
    end as colonne,
    case sort_reel
        when 'sans_logement' then code_territoire
        when 'echelle_plus_fine' then code_operation
        else ''
    end as valeur,
    libelle || ' : la prévision de ' || ecrit(nombre) || ' pour ' || annee || ' (' || territoire || ') ne compte pas, '
    || case sort_reel
        when 'sans_logement' then 'car aucun logement du parc n''est sur ce territoire.'
        when 'echelle_plus_fine' then 'car la même opération est prévue à une échelle plus fine.'
        else 'car l''accord du préfet n''est pas renseigné.'
    end as message,
    case sort_reel
        when 'sans_logement' then 'Vérifiez l''échelle et le code du territoire (INSEE, SIREN ou département).'
        when 'echelle_plus_fine' then 'Ne gardez qu''une ligne par opération et par territoire.'
        else 'Renseignez accord_prefet, ou ôtez la ligne.'
    end as correction,
    '' as code_reservataire
from examinees
where sort_reel <> 'retenue'
