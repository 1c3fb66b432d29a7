-- Ce que l'annexe à signer dit au-delà des lignes du calcul : règle de la part, droits en cours, report, objectif,
-- engagement écrit dans la convention.
-- Source : CCH R.441-5, [001] à [004].
-- Grain : un réservataire.
-- Clé : code_reservataire
with

droits as (
    select
        conventions.code_reservataire,
        en_decimal(sum(droits_en_cours.nb_droits_comptes)) as nb_droits
    from intermediaire.droits_en_cours
    inner join intermediaire.conventions on droits_en_cours.id_convention = conventions.id_convention
    where droits_en_cours.est_compte
    group by conventions.code_reservataire
),

engagements as (
    select
        conventions.code_reservataire,
        string_agg(distinct reservataires.engagement, ' ; ' order by reservataires.engagement) as engagement
    from intermediaire.conventions
    inner join raw.reservataires
        on
            conventions.fichier = reservataires.fichier
            and conventions.feuille = reservataires.feuille
            and conventions.ligne = reservataires.ligne
    group by conventions.code_reservataire
),

regles as (
    select
        code_reservataire,
        string_agg(distinct regle, ' ; ' order by regle) as regle_taux
    from bilan.methode
    where rubrique = 'Taux du réservataire (ligne i)'
    group by code_reservataire
)

select
    entetes.code_reservataire,
    regles.regle_taux,
    droits.nb_droits,
    synthese.report_suivant,
    synthese.objectif_suivant,
    engagements.engagement
from bilan.entetes
inner join bilan.synthese on entetes.code_reservataire = synthese.code_reservataire
left join regles on entetes.code_reservataire = regles.code_reservataire
left join droits on entetes.code_reservataire = droits.code_reservataire
left join engagements on entetes.code_reservataire = engagements.code_reservataire
where entetes.dossier <> '_bailleur'
