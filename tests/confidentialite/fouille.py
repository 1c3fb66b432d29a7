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

FORMES = (
    r"FICTIF-[0-9]{4}|FICTIF[0-9]{12}|Pr(?:é|Ã©)nom-[0-9]{4}|fictif\.[0-9]{4}@exemple\.invalid|[0-9]{2}/[0-9]{2}/[0-9]{4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{14}|(?:ENTREPRISE|DOMAINE|SERVICE PUBLIC) FICTI[A-Z]* [0-9]{2}"
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

    Texts of the shapes of the example are looked for together, to be fast; a few others, such as a key, one by one.
    """
    autres = [texte for texte in cherches if not re.fullmatch(FORMES, texte)]
    assert len(autres) < 5, autres
    trouves: dict[str, set[str]] = {}
    for chemin in sorted(racine.rglob("*")):
        textes = [chemin.name, *(_textes(chemin) if chemin.is_file() else ())]
        vus: set[str] = set()
        for texte in textes:
            formes = pl.Series([texte]).str.extract_all(FORMES).explode()  # ten times faster than `re`
            vus |= cherches.intersection(forme.replace("Ã©", "é") for forme in formes.drop_nulls())
            vus.update(autre for autre in autres if autre in texte)
        if vus:
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
    """Byte by byte, where only an accent tells UTF-8 from Windows (`Ã©`); then as UTF-16 when it may be that."""
    yield octets.decode("latin-1")
    if octets.count(0) > len(octets) // 20:
        yield octets.decode("utf-16-le", "replace")
        yield octets[1:].decode("utf-16-le", "replace")
