-- Les deux millésimes du RPLS disent la même chose de chaque logement, bail compris : c'est deux fois le même fichier.
-- Source : contrat, table rpls.
-- Grain : la campagne.
with

empreintes as (
    select
        millesime,
        fichier,
        count(*) as nb_logements,
        count(bail) as nb_baux,
        bit_xor(hash(logement)) as empreinte
    from (
        select
            millesime,
            fichier,
            bail,
            struct_pack(
                ident_rep, ident_int, depcom, finan, conv, qpv, nbpiece, locat, sortiepatrim, mode, bail, miscommercial
            ) as logement
        from raw.rpls
    ) as lignes
    group by millesime, fichier
)

select
    'erreur' as gravite,
    suivants.fichier,
    '' as feuille,
    null as ligne,
    'millesime' as colonne,
    suivants.millesime as valeur,
    'Les ' || suivants.nb_logements || ' logements de ' || suivants.fichier || ' (millésime ' || suivants.millesime
    || ') sont, baux compris, ceux de ' || actuels.fichier || ' (millésime ' || actuels.millesime
    || ') : l''un des deux n''est pas du millésime qu''il dit.' as message,
    'Déposez l''état au 1er janvier ' || suivants.millesime || ', ou retirez le fichier.' as correction,
    '' as code_reservataire
from empreintes as actuels
inner join empreintes as suivants
    on
        cast(actuels.millesime as integer) + 1 = cast(suivants.millesime as integer)
        and actuels.nb_logements = suivants.nb_logements
        and actuels.empreinte = suivants.empreinte
where actuels.nb_baux > 0
