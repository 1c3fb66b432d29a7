-- Où en est chaque réservataire, et pourquoi relire son bilan avant de l'envoyer : ce qui a bougé de plus d'un quart
-- (et d'un logement) depuis l'an dernier, ce qui est à zéro, ce qui n'a pas pu être calculé, ce qui est à signaler.
-- Grain : un bilan.
-- Clé : code_reservataire
with

constats as (
    select
        code_reservataire,
        count(*) as nombre
    from bilan.a_signaler
    where feuille <> ''
    group by code_reservataire
),

lus as (
    select
        entetes.code_reservataire,
        entetes.nature_bilan = 'reservataire' and not entetes.est_sans_objectif as a_un_objectif,
        entetes.nature_bilan,
        entetes.est_provisoire,
        entetes.date_fin < entetes.date_arrete as est_echue,
        entetes.annee,
        synthese.objectif,
        synthese.decompte,
        synthese.ecart,
        synthese.flux_suivant,
        synthese.objectif_suivant,
        coalesce(constats.nombre, 0) as nb_constats
    from bilan.entetes
    inner join bilan.synthese on entetes.code_reservataire = synthese.code_reservataire
    left join constats on entetes.code_reservataire = constats.code_reservataire
)

select
    code_reservataire,
    case
        when nature_bilan <> 'reservataire' then ''
        when not a_un_objectif then 'Hors du flux'
        when objectif is null then 'Objectif non fourni'
        when decompte is null then 'Décompte inconnu'
        when ecart >= 0 then 'Atteint'
        when ecart > -1 then 'À un logement près'
        when decompte = 0 then 'Rien n''a compté'
        else 'Non atteint'
    end as etat_objectif,
    concat_ws(
        ' ; ',
        if(a_un_objectif and objectif > 0 and decompte = 0, 'rien n''a compté', null),
        if(
            a_un_objectif and not est_provisoire and flux_suivant is null,
            'flux ' || (annee + 1) || ' non calculé',
            null
        ),
        if(
            a_un_objectif
            and abs(objectif_suivant - objectif) >= 1
            and abs(objectif_suivant - objectif) > objectif / 4,
            'promis : ' || ecrit(objectif) || ', puis ' || ecrit(objectif_suivant),
            null
        ),
        if(est_echue, 'convention échue', null),
        if(nb_constats > 0, nb_constats || ' à signaler', null)
    ) as a_relire
from lus
