-- Lignes de l'annexe N+1 telles que les documents les montrent : la lettre des lignes principales, ce qui était annoncé
-- pour l'exercice en face de ce qui l'est pour N+1, les soustractions réalisées, les accords du préfet.
-- Une ligne qui suit des autres a sa formule ({ligne} : la case de cette ligne), si elle redonne la valeur publiée.
-- Source : CCH R.441-5.
-- Grain : un bilan et une ligne.
-- Clé : code_reservataire, ligne
with

-- ce que l'on sait de l'année dernière : le parc au 1er janvier, ce qui était annoncé et prévu
precedents as (
    select
        code_reservataire,
        unnest(['a', 'b', 'c']) as ligne,
        unnest([parc_total, parc_total - parc_soumis, parc_soumis]) as valeur
    from bilan.synthese
    union all
    select
        code_reservataire,
        case ligne
            when 'taux_rotation_annonce_pct' then 'd'
            when 'flux_annonce' then 'j'
            when 'report_anterieur' then 'report'
            else ligne
        end as ligne,
        valeur
    from bilan.objectif_lignes
    where ligne in ('taux_rotation_annonce_pct', 'flux_annonce', 'report_anterieur', 'objectif')
    union all
    select
        soustractions.code_reservataire,
        coalesce(categories.ligne, 'f') as ligne,
        soustractions.prevu as valeur
    from bilan.soustractions
    left join ref.categories on soustractions.categorie = categories.categorie
),

realises as (
    select
        soustractions.code_reservataire,
        coalesce(categories.ligne, 'f') as ligne,
        soustractions.realise
    from bilan.soustractions
    left join ref.categories on soustractions.categorie = categories.categorie
),

-- l'opération et l'accord du préfet de ce qui est prévu, quand ils sont donnés
accordees as (
    select
        previsions_detail.code_reservataire,
        if(
            previsions_detail.ordre = 2, 'b.' || motifs_exclusion.motif_exclusion, coalesce(categories.ligne, 'g')
        ) as ligne,
        concat_ws(
            ', ',
            nullif(previsions_detail.code_operation, ''),
            'accord du préfet ' || nullif(previsions_detail.accord_prefet, ''),
            if(previsions_detail.explication like 'Sans accord%', en_minuscule(previsions_detail.explication), null)
        ) as texte
    from bilan.previsions_detail
    left join ref.categories on previsions_detail.libelle = categories.libelle
    left join ref.motifs_exclusion on previsions_detail.libelle = motifs_exclusion.libelle
),

accords as (
    select
        code_reservataire,
        ligne,
        string_agg(distinct texte, ' ; ' order by texte) as texte
    from accordees
    where texte <> ''
    group by code_reservataire, ligne
),

valeurs as (
    select
        lignes_flux.code_reservataire,
        coalesce(any_value(entetes.arrondi_etapes), 'aucun') as arrondi_etapes,
        coalesce(any_value(entetes.arrondi_final), 'aucun') as arrondi_final,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'a') as a,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'b') as b,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'c') as c,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'd') as d,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'e') as e,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'f') as f,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'g') as g,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'h') as h,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'i') as i,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'j') as j,
        any_value(cast(lignes_flux.valeur as double)) filter (where lignes_flux.ligne = 'report') as report
    from bilan.lignes_flux
    inner join bilan.entetes on lignes_flux.code_reservataire = entetes.code_reservataire
    group by lignes_flux.code_reservataire
),

-- un arrondi est précédé d'un autre, à neuf décimales : le tableur calcule en binaire
formules as (
    select
        code_reservataire,
        unnest(['c', 'e', 'h', 'j', 'objectif']) as ligne,
        unnest([
            '{a}-{b}',
            if(arrondi_etapes = 'unite', 'ROUND(ROUND({c}*{d}/100,9),0)', 'ROUND({c}*{d}/100,6)'),
            if(arrondi_etapes = 'unite', 'ROUND(ROUND(MAX(0,{e}-{f}-{g}),9),0)', 'ROUND(MAX(0,{e}-{f}-{g}),6)'),
            case arrondi_final
                when 'unite_demi_superieur' then 'ROUND(ROUND({h}*{i}/100,9),0)'
                when 'unite_inferieur' then 'INT(ROUND({h}*{i}/100,9))'
                when 'decimale_1' then 'ROUND(ROUND({h}*{i}/100,9),1)'
                when 'decimale_2' then 'ROUND(ROUND({h}*{i}/100,9),2)'
                else 'ROUND({h}*{i}/100,6)'
            end,
            'MAX(0,{j}+{report})'
        ]) as formule,
        unnest([
            a - b,
            round(round(c * d / 100, 9), if(arrondi_etapes = 'unite', 0, 6)),
            round(round(greatest(0, e - f - g), 9), if(arrondi_etapes = 'unite', 0, 6)),
            case arrondi_final
                when 'unite_demi_superieur' then round(round(h * i / 100, 9), 0)
                when 'unite_inferieur' then floor(round(h * i / 100, 9))
                when 'decimale_1' then round(round(h * i / 100, 9), 1)
                when 'decimale_2' then round(round(h * i / 100, 9), 2)
                else round(h * i / 100, 6)
            end,
            greatest(0, j + report)
        ]) as resultat
    from valeurs
)

select
    lignes_flux.code_reservataire,
    lignes_flux.ligne,
    if(length(lignes_flux.ligne) = 1, lignes_flux.ligne, '') as lettre,
    if(contains(lignes_flux.ligne, '.'), 'dont ', '') || lignes_flux.libelle as libelle,
    cast(precedents.valeur as decimal(38, 6)) as precedent,
    lignes_flux.valeur,
    cast(lignes_flux.valeur - precedents.valeur as decimal(38, 6)) as ecart,
    lignes_flux.unite,
    lignes_flux.explication || coalesce(' (' || accords.texte || ')', '') as explication,
    realises.realise,
    -- moins d'un demi-millième : le taux publié a six décimales
    if(abs(formules.resultat - lignes_flux.valeur) < 0.0005, formules.formule, null) as formule,
    lignes_flux.ordre
from bilan.lignes_flux
left join precedents
    on lignes_flux.code_reservataire = precedents.code_reservataire and lignes_flux.ligne = precedents.ligne
left join realises
    on lignes_flux.code_reservataire = realises.code_reservataire and lignes_flux.ligne = realises.ligne
left join accords
    on lignes_flux.code_reservataire = accords.code_reservataire and lignes_flux.ligne = accords.ligne
left join formules
    on lignes_flux.code_reservataire = formules.code_reservataire and lignes_flux.ligne = formules.ligne
