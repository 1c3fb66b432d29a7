"""The peers' job in SQL, step by step: a plain DuckDB script runs it as tables, dbt as models.

Per réservataire: parc, parc soumis, releases, offers, decisions and leases with five axes, and the lines a, c…j of the
annexe. No check, no double, no other format, no document, no explanation: only the core figures, in floats.
"""

MOTIF = """case when exclusions.ident_rep is not null then 'exclusions'
        when r."TYPECONST" = 'E' then 'foyer_residence' when r."FINAN" = '16' then 'pli_libre'
        when r."MISCOMMERCIAL" = '1' then 'vente' when try_cast(r."LOCAT" as integer) >= r.millesime then 'neuf' end"""


def lire(dossier: str, nom: str) -> str:
    return f"read_csv('{dossier}/{nom}.csv', delim = ';', header = true, all_varchar = true)"


def etapes(d: str, ref: str) -> dict[str, str]:
    """Name → SELECT, in order; `d`: folder of the campaign, `ref`: code lists of the product."""
    rpls = " union all ".join(f"select *, {m} as millesime from {lire(d, f'rpls_{m}')}" for m in (2025, 2026))
    faits = """
        select 'mises_a_disposition' as mesure, code_reservataire, ident_rep, id_proposition as cle
        from {propositions} where date_mise_a_disposition between '2025-01-01' and '2025-12-31'
            and premiere_location <> 'oui' and issue <> 'annulation'
        union select 'attributions', code_reservataire, ident_rep, date_caleol from {attributions}
        where date_caleol between '2025-01-01' and '2025-12-31' and decision like 'attribution%'
            and categorie = 'droit_commun' and premiere_location <> 'oui'
        union select 'baux_signes', code_reservataire, ident_rep, date_signature_bail from {attributions}
        where date_signature_bail between '2025-01-01' and '2025-12-31' and decision like 'attribution%'
            and categorie = 'droit_commun' and premiere_location <> 'oui'""".format(
        propositions=lire(d, "propositions"), attributions=lire(d, "attributions")
    )
    return {
        "parc": f"""select r."IDENT_REP" as ident_rep, r.millesime, r."DEPCOM" as commune, r."EPCI" as epci,
            left(r."DEPCOM", 2) as departement, {MOTIF} is null as soumis,
            least(try_cast(r."NBPIECE" as integer), 6) as pieces, r."FINAN" as finan, r."QPV" as qpv,
            try_cast(r."CONSTRUCT" as integer) as construct
            from ({rpls}) as r left join (select distinct ident_rep from {lire(d, "exclusions")}) as exclusions
            on r."IDENT_REP" = exclusions.ident_rep
            where coalesce(r."SORTIEPATRIM", '') not in ('1','2','3','4','5')""",
        "liberes": f"""select parc.* from parc join (select distinct ident_rep, date_liberation
            from {lire(d, "liberations")} where date_liberation between '2025-01-01' and '2025-12-31') as l
            on parc.ident_rep = l.ident_rep and parc.millesime = 2025 and parc.soumis""",
        "comptes": """select echelle, territoire, sum(a) as a, sum(c) as c, sum(c_n) as c_n, sum(l) as l from (
            select unnest(['commune', 'epci', 'departement', 'bailleur']) as echelle,
                unnest([commune, epci, departement, '']) as territoire, a, c, c_n, l
            from (select commune, epci, departement, count(*) filter (where millesime = 2026) as a,
                count(*) filter (where millesime = 2026 and soumis) as c,
                count(*) filter (where millesime = 2025 and soumis) as c_n, 0 as l from parc group by all
                union all select commune, epci, departement, 0, 0, 0, count(*) from liberes group by all)
            ) group by all""",
        "flux": f"""with p as (select sum(cast(nombre as double)) as prevu from {lire(d, "previsions")}),
            v as (select r.code_reservataire, k.a, k.c, 100.0 * if(r.base_rotation = 'liberations_territoire',
                k.l / k.c_n, b.l / b.c_n) as d, p.prevu * k.c / b.c as f,
                cast(replace(r.taux_pct, ',', '.') as double) as i
            from {lire(d, "reservataires")} as r join comptes as k on k.echelle = r.echelle
                and k.territoire = coalesce(r.code_territoire, '')
            join comptes as b on b.echelle = 'bailleur' cross join p)
            select *, c * d / 100 as e, greatest(0, c * d / 100 - f) as h,
                greatest(0, c * d / 100 - f) * i / 100 as j from v order by code_reservataire""",
        "decrits": f"""with faits as ({faits}) select faits.mesure, faits.code_reservataire,
            'T' || parc.pieces || if(parc.pieces = 6, '+', '') as typologie, f.modalite as financement,
            q.modalite as qpv, parc.commune, p.periode_construction from faits join parc
            on faits.ident_rep = parc.ident_rep and parc.millesime = 2025
            left join {lire(ref, "codes_rpls")} as f on f.dimension = 'financement' and f.code = parc.finan
            left join {lire(ref, "codes_rpls")} as q on q.dimension = 'qpv' and q.code = parc.qpv
            left join {lire(ref, "periodes_construction")} as p on parc.construct
                between cast(p.annee_min as integer) and cast(p.annee_max as integer)""",
        "mesures": """select mesure, code_reservataire, dimension, modalite, count(*) as nombre from (
            select mesure, code_reservataire,
                unnest(['total', 'typologie', 'financement', 'qpv', 'commune', 'periode_construction']) as dimension,
                unnest(['total', typologie, financement, qpv, commune, periode_construction]) as modalite from decrits)
            group by all order by all""",
    }
