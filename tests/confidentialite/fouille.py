"""Looks for people in whatever a run leaves: bytes, archives, tables. Uses nothing of the product."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import polars as pl

FORMES = re.compile(
    r"FICTIF-\d{4}|FICTIF\d{12}|Prénom-\d{4}|fictif\.\d{4}@exemple\.invalid|\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d|\d{14}"
    r"|(?:ENTREPRISE|DOMAINE|SERVICE PUBLIC) FICTI[A-Z]* \d\d|[A-Za-z0-9_-]{43}="
)
PERSONNELLES = ("nud", "nom", "prenom", "date_naissance", "mail", "siret_employeur", "raison_sociale")


def personnes(dossier: Path) -> set[str]:
    """Every name, number, address and birth date in the files dropped about people, as text."""
    trouves: set[str] = set()
    for chemin in [*dossier.glob("attributions*"), *dossier.glob("sne*")]:
        for ligne in _lignes(chemin):
            for colonne in PERSONNELLES:
                trouves.update(_ecritures(ligne.get(colonne)))
    return trouves


def _lignes(chemin: Path) -> list[dict[str, object]]:
    if chemin.suffix == ".xlsx":
        feuilles = openpyxl.load_workbook(chemin, data_only=True).worksheets
        rangees = [ligne for feuille in feuilles for ligne in feuille.iter_rows(values_only=True)]
        debut = next(i for i, ligne in enumerate(rangees) if "nud" in ligne)
        return [dict(zip(rangees[debut], ligne, strict=True)) for ligne in rangees[debut + 1 :]]
    texte = chemin.read_bytes().decode("cp1252" if b"\xe9" in chemin.read_bytes() else "utf-8-sig")
    return [dict(ligne) for ligne in csv.DictReader(io.StringIO(texte), delimiter=";")]


def _ecritures(valeur: object) -> Iterator[str]:
    """The ways in which a value may have been written again: dates as in France and as in ISO."""
    if isinstance(valeur, str) and re.fullmatch(r"\d\d/\d\d/\d{4}", valeur):
        valeur = datetime.strptime(valeur, "%d/%m/%Y")
    if isinstance(valeur, datetime):
        yield from (f"{valeur:%d/%m/%Y}", f"{valeur:%Y-%m-%d}")
    elif valeur:
        yield str(valeur)


def fouiller(racine: Path, cherches: set[str]) -> dict[str, set[str]]:
    """{file: texts found in it}, names of files and contents; archives, warehouses and Parquet files are opened.

    Only texts of the shapes of the example are looked at, to be fast: `cherches` must have no other.
    """
    autres = [texte for texte in cherches if not FORMES.fullmatch(texte)]
    assert not autres, autres
    trouves: dict[str, set[str]] = {}
    for chemin in sorted(racine.rglob("*")):
        textes = [chemin.name, *(_textes(chemin) if chemin.is_file() else ())]
        if vus := {vu for texte in textes for vu in FORMES.findall(texte) if vu in cherches}:
            trouves[str(chemin.relative_to(racine))] = vus
    return trouves


def _textes(chemin: Path) -> Iterator[str]:
    octets = chemin.read_bytes()
    yield from _decodages(octets)
    if zipfile.is_zipfile(chemin):
        with zipfile.ZipFile(chemin) as archive:
            for nom in archive.namelist():
                yield from _decodages(archive.read(nom))
    elif octets.startswith(b"PAR1"):
        yield pl.read_parquet(chemin).write_csv()
    elif octets[8:12] == b"DUCK":
        with duckdb.connect(str(chemin), read_only=True) as base:
            for schema, table in base.execute("select schema_name, table_name from duckdb_tables()").fetchall():
                lignes = base.execute(f'select cast(t as varchar) from "{schema}"."{table}" as t').fetchall()
                yield "\n".join(ligne for (ligne,) in lignes)


def _decodages(octets: bytes) -> Iterator[str]:
    yield octets.decode("utf-8", "replace")
    if not octets.isascii():
        yield octets.decode("cp1252", "replace")
    if octets.count(0) > len(octets) // 20:
        yield octets.decode("utf-16-le", "replace")
        yield octets[1:].decode("utf-16-le", "replace")
