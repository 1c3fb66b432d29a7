"""Runs the real SQL models on a few rows written as CSV text, and compares the tables they build with expected rows.

    base = monter(tmp_path, cas("autres_bilans") | {"liberations": "…"}, ["bilan.taux"])
    verifier(base, "bilan.taux", '''
        taux        ; numerateur ; denominateur ; taux_pct
        orientation ; 3          ; 6            ; 50
    ''', "code_reservataire = 'VILLE'")

A case is a folder of `cas/`, one CSV per table of the contract, small enough to be counted by eye. Cells are separated
by `;` and trimmed, so that columns can be aligned; blank lines and lines that begin with `#` are left out. Given rows
go through the typing of the contract (oui/non, jj/mm/aaaa, decimal comma, "1" for the dwelling 0000000001) and must all
be accepted.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from flows.campagne import Campagne
from flows.contrat.schema import charger
from flows.contrat.typage import typer
from flows.entrepot import chargement, connexion, modeles
from flows.tables.lecture import PROVENANCE, Lecture

ANNEE = 2025
CAS = Path(__file__).parent / "cas"


def cas(nom: str) -> dict[str, str]:
    """The tables of a case, as `monter` wants them: table → CSV text."""
    tables = {fichier.stem: fichier.read_text(encoding="utf-8") for fichier in sorted((CAS / nom).glob("*.csv"))}
    assert tables, f"pas de cas {nom}"
    return tables


def lire_texte(texte: str) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of a CSV text.

    Raises AssertionError when a row has not as many cells as there are headings.
    """
    lignes = [ligne.strip() for ligne in texte.splitlines()]
    cellules = [[c.strip() for c in ligne.split(";")] for ligne in lignes if ligne and not ligne.startswith("#")]
    entete, *rangs = cellules
    for rang in rangs:
        assert len(rang) == len(entete), f"{len(rang)} cellules au lieu de {len(entete)} : {rang}"
    return entete, rangs


def monter(
    dossier: Path,
    tables: Mapping[str, str],
    cibles: Iterable[str] = (),
    *,
    annee: int = ANNEE,
    au: date | None = None,
) -> Path:
    """Builds a warehouse from tables of the contract given as CSV text; returns its path.

    `cibles` are the models wanted (`bilan.quotas`, `controles.flux_negatif`): only they and what they read are built;
    none means every model. A table that is not in `tables` is "non fournie"; one with only headings is given and empty.
    """
    dossier.mkdir(parents=True, exist_ok=True)
    lecture = Lecture(tables={nom: _ecrire(dossier, nom, texte) for nom, texte in tables.items()})
    base = dossier / "flux.duckdb"
    base.unlink(missing_ok=True)
    chargement.remplir(Campagne(annee, dossier, dossier / "sorties", au), lecture, base, jetable=True)
    con = connexion.connecter(base)
    try:
        tous = modeles.lire_modeles()
        modeles.construire(con, modeles.utiles(cibles, tous) if cibles else tous)
    finally:
        con.close()
    return base


def lire(base: Path, requete: str, parametres: Sequence[Any] = ()) -> list[dict[str, str]]:
    """Rows of a query, each value as text: ISO dates, oui/non, numbers without idle zeros, blank for null."""
    con = connexion.connecter(base)  # its views read files beside it
    try:
        curseur = con.execute(requete, list(parametres))
        noms = [colonne[0] for colonne in curseur.description or ()]
        return [{n: _texte(v) for n, v in zip(noms, ligne, strict=True)} for ligne in curseur.fetchall()]
    finally:
        con.close()


def verifier(base: Path, table: str, attendu: str, filtre: str = "true") -> None:
    """Asserts that the rows of `table` that pass `filtre` are those of `attendu`, on its columns, in any order."""
    colonnes, voulues = lire_texte(attendu)
    lues = lire(base, f"select {', '.join(colonnes)} from {table} where {filtre}")
    obtenues = [list(ligne.values()) for ligne in lues]
    en_trop = [ligne for ligne in obtenues if ligne not in voulues]
    absentes = [ligne for ligne in voulues if ligne not in obtenues]
    assert sorted(obtenues) == sorted(voulues), f"{table} where {filtre}\nen trop : {en_trop}\nabsentes : {absentes}"


def _ecrire(dossier: Path, table: str, texte: str) -> Path:
    """Types the rows of one table and writes them as the reading step does."""
    noms, rangs = lire_texte(texte)
    colonnes = {nom: [rang[i] or None for rang in rangs] for i, nom in enumerate(noms)}
    donnees = pl.DataFrame(
        {"ligne": range(2, len(rangs) + 2), **colonnes}, schema={"ligne": pl.Int64, **dict.fromkeys(noms, pl.String)}
    )
    fichier = f"{table}.csv"
    typees = typer(donnees, charger().tables[table], fichier, "")
    assert not typees.rejets.height, [f"{a.message} {a.valeur}" for a in typees.anomalies]
    utiles = charger().tables[table].conservees
    absentes = [pl.lit(None, dtype=pl.String).alias(n) for n in utiles if n not in typees.acceptees.columns]
    chemin = dossier / f"{table}.parquet"
    typees.acceptees.with_columns(pl.lit(fichier).alias("fichier"), pl.lit("").alias("feuille"), *absentes).select(
        *PROVENANCE, *utiles
    ).write_parquet(chemin)
    return chemin


def _texte(valeur: Any) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, Decimal):
        texte = f"{valeur:f}"
        return texte.rstrip("0").rstrip(".") if "." in texte else texte
    return valeur.isoformat() if isinstance(valeur, date) else str(valeur)
