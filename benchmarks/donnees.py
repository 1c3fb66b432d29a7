"""Invented campaigns of any size, written by DuckDB: what is drawn is a hash of the row's number, so never changes."""

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

RACINE = Path(__file__).resolve().parents[1]
ANNEE = 2025


@dataclass(frozen=True)
class Cas:
    """A size: dwellings of each of the two millésimes, réservataires, communes that hold the dwellings."""

    nom: str
    logements: int
    reservataires: int
    communes: int


CAS = {
    c.nom: c
    for c in (
        Cas("3k", 3_000, 20, 6),
        Cas("20k", 20_000, 60, 25),
        Cas("200k", 200_000, 300, 240),
        Cas("500k", 500_000, 600, 600),
        Cas("national", 5_500_000, 1_000, 2_600),
    )
}

COMMUNES = """
create table communes as select row_number() over (order by hash(code_commune), code_commune) - 1 as n,
    code_commune, code_epci, code_departement
from read_csv('{ref}/communes.csv', delim = ';', header = true, all_varchar = true)
where code_commune_actuelle = code_commune and code_epci is not null
    and code_departement in ('13', '33', '38', '44', '59', '62', '69', '76')
qualify n < {communes}
"""
LOGEMENTS = """
select lpad(cast(i as varchar), 10, '0') as "IDENT_REP", 'L' || i as "IDENT_INT", c.code_commune as "DEPCOM",
    if(tirage(i, 1, 4) = 0, '1', '2') as "QPV", if(tirage(i, 2, 40) = 0, 'E', 'C') as "TYPECONST",
    1 + tirage(i, 3, 6) as "NBPIECE", 1930 + tirage(i, 4, 90) as "CONSTRUCT", 1931 + tirage(i, 4, 90) as "LOCAT",
    ['10', '13', '13', '14', '16', '49'][1 + tirage(i, 5, 6)] as "FINAN", '1' as "CONV",
    if({millesime} = 2026 and tirage(i, 10, 200) = 0, '4', '') as "SORTIEPATRIM",
    if(tirage(i, 6, 20) = 0, '2', '1') as "MODE",
    lpad(cast(1 + tirage(i, 7, 12) as varchar), 2, '0') || '/' || (2010 + tirage(i, 8, 14)) as "BAIL",
    if(tirage(i, 9, 50) = 0, '1', '2') as "MISCOMMERCIAL", c.code_epci as "EPCI"
from range(1, {logements} + 1) as t(i) join communes as c on c.n = tirage(i, 0, {communes})
order by i
"""
RESERVATAIRES = """
select 'R' || lpad(cast(i as varchar), 4, '0') as code_reservataire, 'Réservataire ' || i as libelle,
    ['commune', 'epci', 'departement', 'region', 'caf_msa', 'autre'][1 + i % 6] as type_reservataire,
    ['commune', 'epci', 'departement', 'bailleur'][1 + i % 4] as echelle,
    [c.code_commune, c.code_epci, c.code_departement, ''][1 + i % 4] as code_territoire,
    'imprime' as mode_taux, replace(cast(1 + (i % 7) / 4 as varchar), '.', ',') as taux_pct,
    ['liberations_territoire', 'liberations_bailleur'][1 + i % 2] as base_rotation,
    ['mise_a_disposition', 'attribution', 'bail'][1 + i % 3] as evenement_decompte,
    'aucun' as arrondi_etapes, 'aucun' as arrondi_final
from range({reservataires}) as t(i) join communes as c on c.n = i % {communes}
order by i
"""
EVENEMENTS = """
create table evenements as
select i, lpad(cast(1 + tirage(i, 20, {logements}) as varchar), 10, '0') as ident_rep,
    'R' || lpad(cast(tirage(i, 21, {reservataires}) as varchar), 4, '0') as code_reservataire,
    date '2025-01-01' + cast(tirage(i, 22, 300) as integer) as jour
from range({logements} // 10) as t(i)
"""
TABLES = {
    "liberations": "select ident_rep, jour as date_liberation from evenements order by i",
    "propositions": """select 'P' || i as id_proposition, ident_rep, code_reservataire,
        jour as date_mise_a_disposition, 'non' as premiere_location, 'candidats' as issue
        from evenements where i % 4 <> 0 order by i""",
    "attributions": """select 'P' || i || '-' || rang as id_decision, 'P' || i as id_proposition, ident_rep,
        code_reservataire, 'non' as premiere_location, jour + 20 as date_caleol, 'attribution_rang' as decision, rang,
        if(rang = 1, 'accepte', 'refuse') as reponse_candidat, if(rang = 1, jour + 40, null) as date_signature_bail,
        if(tirage(i, 23, 5) = 0, 'mutation_interne', 'droit_commun') as categorie, 'reservataire' as designataire,
        if(tirage(i, rang, 3) = 0, 'oui', 'non') as prioritaire
        from evenements cross join (values (1), (2)) as r(rang) where i % 4 <> 0 order by i, rang""",
    "exclusions": """select lpad(cast(50 * i as varchar), 10, '0') as ident_rep, 'demolition' as motif_exclusion
        from range(1, {logements} // 100) as t(i) order by i""",
    "previsions": """select 2026 as annee, categorie, {logements} // 500 as nombre
        from (values ('mutation_interne'), ('relogement_anru'), ('relogement_vente')) as c(categorie)""",
    "objectifs": """select 2025 as annee, 'R' || lpad(cast(i as varchar), 4, '0') as code_reservataire,
        12 as flux_reservataire from range({reservataires}) as t(i) order by i""",
}


def fabriquer(cas: Cas, dossier: Path) -> None:
    """Writes the campaign of a case as the CSV files of the contract, once."""
    temoin = dossier / "previsions.csv"
    if temoin.exists():
        return
    dossier.mkdir(parents=True, exist_ok=True)
    nombres = {"ref": RACINE / "sql" / "ref", **vars(cas)}
    with duckdb.connect() as con:
        con.execute("create macro tirage(i, k, n) as cast(hash(i, k) % n as bigint)")
        con.execute(COMMUNES.format(**nombres))
        con.execute(EVENEMENTS.format(**nombres))
        rpls = {f"rpls_{m}": LOGEMENTS.replace("{millesime}", str(m)) for m in (ANNEE, ANNEE + 1)}
        requetes = {**rpls, "reservataires": RESERVATAIRES, **TABLES}
        for nom in sorted(requetes, key=lambda n: n == "previsions"):
            requete = requetes[nom].format(**nombres)
            con.execute(f"copy ({requete}) to '{dossier / nom}.csv' (header, delimiter ';')")


def lire_csv(chemin: Path) -> list[dict[str, str]]:
    """Rows of a `;` CSV."""
    with chemin.open(encoding="utf-8-sig", newline="") as flux:
        return list(csv.DictReader(flux, delimiter=";"))
