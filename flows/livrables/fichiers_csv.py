"""The CSV files whose columns are fixed: bilan, flux, contrôles. `;`, UTF-8 with BOM, decimal comma, CRLF."""

import csv
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import duckdb

from flows.livrables.francais import MAXIMUM, arrondi
from flows.livrables.tableau import Ligne, Valeur

BILAN = ("annee", "code_reservataire", "mesure", "dimension", "modalite", "nombre", "part_pct")
FLUX = ("annee", "code_reservataire", "ligne", "libelle", "valeur", "valeur_exacte", "unite")
REPARTITION = ("annee", "code_bilan", "code_reservataire", "mesure", "dimension", "modalite", "nombre", "part_pct")
LOGEMENTS = (
    "annee",
    "code_reservataire",
    "reservataire",
    "ident_rep",
    "commune",
    "typologie",
    "financement",
    "qpv",
    "date_mise_a_disposition",
    "date_caleol",
    "decision",
    "date_signature_bail",
    "compte",
    "motif_decompte",
    "libelle_motif",
)
CONTROLES = ("gravite", "code", "fichier", "feuille", "ligne", "colonne", "valeur", "message", "correction")
NON_FOURNI = "non fourni"

_DANGEREUX = ("=", "+", "-", "@", "\t", "\r")
_NOMBRE = re.compile(r"[+-]?\d+([ \u00a0\u202f]\d{3})*([.,]\d+)?")

_LIRE_BILAN = """
    select m.annee, m.code_reservataire, m.mesure, m.dimension, m.modalite, m.nombre, m.part_pct
    from bilan.mesures as m
    left join ref.mesures as rm on rm.mesure = m.mesure
    left join ref.dimensions as rd on rd.dimension = m.dimension
    left join ref.modalites as ro on ro.dimension = m.dimension and ro.modalite = m.modalite
    where list_contains(?, m.code_reservataire)
    order by m.code_reservataire, rm.ordre, m.mesure, rd.ordre, m.dimension, ro.ordre nulls first, m.modalite
"""
_LIRE_FLUX = """
    select annee, code_reservataire, ligne, libelle, valeur, valeur_exacte, unite
    from bilan.lignes_flux
    where list_contains(?, code_reservataire)
    order by code_reservataire, ordre, ligne
"""
_LIRE_REPARTITION = f"""
    select {", ".join(f"r.{colonne}" for colonne in REPARTITION)}
    from bilan.repartition as r
    left join ref.mesures as rm on rm.mesure = r.mesure
    left join ref.dimensions as rd on rd.dimension = r.dimension
    left join ref.modalites as ro on ro.dimension = r.dimension and ro.modalite = r.modalite
    where list_contains(?, r.code_bilan)
    order by r.code_bilan, r.code_reservataire = 'non_reserve', r.code_reservataire,
        rm.ordre, rd.ordre, ro.ordre nulls first, r.modalite
"""
_LIRE_LOGEMENTS = f"""
    select {", ".join(LOGEMENTS)}
    from bilan.logements
    where list_contains(?, code_reservataire)
    order by code_reservataire, reservataire, ident_rep, date_mise_a_disposition, id_offre, date_caleol
"""
_LIRE_CONTROLES = """
    select gravite, code, fichier, feuille, ligne, colonne, valeur, message, correction
    from audit.anomalies
    order by list_position(['bloquant', 'erreur', 'avertissement', 'information'], gravite), 2, 3, 4, 5, 6, 7, 8, 9
"""


def lire_bilans(con: duckdb.DuckDBPyConnection, codes: Sequence[str]) -> dict[str, list[Ligne]]:
    """Rows of `bilan_<annee>_<code>.csv` by code; an unknown number is « non fourni », an undefined share is empty."""
    lignes = con.execute(_LIRE_BILAN, [list(codes)]).fetchall()
    return _par_code(((*debut, _ou_non_fourni(nombre), part) for *debut, nombre, part in lignes), codes)


def lire_flux(con: duckdb.DuckDBPyConnection, codes: Sequence[str]) -> dict[str, list[Ligne]]:
    """Rows of `flux_<annee+1>_<code>.csv` by code; an unknown line is « non fourni »."""
    lignes = con.execute(_LIRE_FLUX, [list(codes)]).fetchall()
    return _par_code(
        ((*debut, _ou_non_fourni(valeur), _ou_non_fourni(exacte), unite) for *debut, valeur, exacte, unite in lignes),
        codes,
    )


def lire_repartitions(con: duckdb.DuckDBPyConnection, codes: Sequence[str]) -> dict[str, list[Ligne]]:
    """Rows of `repartition_<annee>_<code>.csv` by code of the bilan (CCH R.441-5-1)."""
    return _par_code(con.execute(_LIRE_REPARTITION, [list(codes)]).fetchall(), codes)


def lire_logements(con: duckdb.DuckDBPyConnection, codes: Sequence[str]) -> dict[str, list[Ligne]]:
    """Rows of `logements_<annee>_<code>.csv` by code of the bilan: the dwellings behind its figures, no person."""
    return _par_code(con.execute(_LIRE_LOGEMENTS, [list(codes)]).fetchall(), codes)


def lire_controles(con: duckdb.DuckDBPyConnection) -> list[Ligne]:
    """Rows of `controles_<annee>.csv`: every anomaly, the gravest first."""
    return list(con.execute(_LIRE_CONTROLES).fetchall())


def ecrire_csv(chemin: Path, colonnes: Sequence[str], lignes: Iterable[Ligne]) -> Path:
    """Writes a CSV file in the form of the contract: numbers with up to six decimals, texts that no tool runs."""
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        flux.write("\ufeff")  # « utf-8-sig » would be asked at each row
        ecrivain = csv.writer(flux, delimiter=";", lineterminator="\r\n")
        ecrivain.writerow(colonnes)
        ecrivain.writerows([cellule(valeur) for valeur in ligne] for ligne in lignes)
    return chemin


@lru_cache(maxsize=65536, typed=True)
def cellule(valeur: Valeur) -> str:
    """A value as the CSV files write it; a missing one is empty."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, Decimal | int | float):
        return nombre(valeur)
    return inerte(str(valeur))


def nombre(valeur: Decimal | int | float) -> str:
    """`1234.500000` → `1234,5`: no trailing zero, no thousands separator, at most six decimals."""
    if isinstance(valeur, int):
        return str(valeur)
    texte = f"{arrondi(valeur, MAXIMUM):f}".rstrip("0").rstrip(".")
    return "0" if texte in ("-0", "") else texte.replace(".", ",")


def inerte(texte: str) -> str:
    """`texte`, behind an apostrophe when a spreadsheet would take it for a formula; numbers are left alone."""
    return f"'{texte}" if texte.startswith(_DANGEREUX) and not _NOMBRE.fullmatch(texte) else texte


def _ou_non_fourni(valeur: Valeur) -> Valeur:
    return NON_FOURNI if valeur is None else valeur


def _par_code(lignes: Iterable[Ligne], codes: Sequence[str]) -> dict[str, list[Ligne]]:
    resultat: dict[str, list[Ligne]] = {code: [] for code in codes}
    for ligne in lignes:
        resultat[str(ligne[1])].append(ligne)
    return resultat
