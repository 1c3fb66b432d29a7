"""The CSV files whose columns are fixed: bilan, flux, contrôles. `;`, UTF-8 with BOM, decimal comma, CRLF.

Those of the bilans are half a million rows for a large bailleur: the engine writes their rows (`lire`), as `ecrire_csv`
does of the others.
"""

import codecs
import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

import duckdb

from flows.livrables.francais import MAXIMUM, arrondi
from flows.livrables.tableau import Ligne, Valeur


@dataclass(frozen=True)
class Fichier:
    """A CSV file of each bilan: its columns, the rows of the warehouse behind it, whose they are, in which order.

    Of `inconnues`, a missing value is « non fourni »; elsewhere it is empty.
    """

    colonnes: tuple[str, ...]
    lignes: str
    code: str
    tri: str
    inconnues: tuple[str, ...] = ()


_LIBELLES = """
    left join ref.mesures as rm on rm.mesure = m.mesure
    left join ref.dimensions as rd on rd.dimension = m.dimension
    left join ref.modalites as ro on ro.dimension = m.dimension and ro.modalite = m.modalite"""
BILAN = Fichier(
    ("annee", "code_reservataire", "mesure", "dimension", "modalite", "nombre", "part_pct"),
    f"bilan.mesures as m {_LIBELLES}",
    "code_reservataire",
    "rm.ordre, m.mesure, rd.ordre, m.dimension, ro.ordre nulls first, m.modalite",
    inconnues=("nombre",),
)
FLUX = Fichier(
    ("annee", "code_reservataire", "ligne", "libelle", "valeur", "valeur_exacte", "unite"),
    "bilan.lignes_flux as m",
    "code_reservataire",
    "m.ordre, m.ligne",
    inconnues=("valeur", "valeur_exacte"),
)
REPARTITION = Fichier(
    ("annee", "code_bilan", "code_reservataire", "mesure", "dimension", "modalite", "nombre", "part_pct"),
    f"bilan.repartition as m {_LIBELLES}",
    "code_bilan",
    "m.code_reservataire = 'non_reserve', m.code_reservataire, rm.ordre, rd.ordre, ro.ordre nulls first, m.modalite",
)
LOGEMENTS = Fichier(
    (
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
    ),
    "bilan.logements as m",
    "code_reservataire",
    "m.reservataire, m.ident_rep, m.date_mise_a_disposition, m.id_offre, m.date_caleol",
)
_CHIFFRES = frozenset({"nombre", "part_pct", "valeur", "valeur_exacte"})
CONTROLES = ("gravite", "code", "fichier", "feuille", "ligne", "colonne", "valeur", "message", "correction")
NON_FOURNI = "non fourni"

_DANGEREUX = ("=", "+", "-", "@", "\t", "\r")
_NOMBRE = re.compile("[+-]?[0-9]+([ \u00a0\u202f][0-9]{3})*([.,][0-9]+)?")
_FIN = "\r\n"

_LIRE_CONTROLES = """
    select gravite, code, fichier, feuille, ligne, colonne, valeur, message, correction
    from audit.anomalies
    order by list_position(['bloquant', 'erreur', 'avertissement', 'information'], gravite), 2, 3, 4, 5, 6, 7, 8, 9
"""


def lire(con: duckdb.DuckDBPyConnection, fichier: Fichier, codes: Sequence[str]) -> dict[str, str]:
    """The text of `fichier` for each code (CCH R.441-5-1), as `ecrire_csv` would write it: at least its heading."""
    entete = ";".join(fichier.colonnes) + _FIN
    lus = dict(con.execute(_requete(fichier), [list(codes)]).fetchall())
    return {code: entete + lus.get(code, "") for code in codes}


@cache
def _requete(fichier: Fichier) -> str:
    """One text for each code: its cells in words, made inert, then quoted where CSV wants it, row after row."""
    mots = ", ".join(_en_mots(c, NON_FOURNI if c in fichier.inconnues else "") for c in fichier.colonnes)
    # what shows comes last, so that rows that the order leaves equal never change places
    tri = ", ".join([fichier.tri, *(f"m.{c}" for c in fichier.colonnes)])
    debuts = ", ".join(f"chr({ord(signe)})" for signe in _DANGEREUX)
    actif = f"left(x, 1) in ({debuts}) and not regexp_full_match(x, '{_NOMBRE.pattern}')"
    special = " or ".join(f"contains(x, chr({ord(signe)}))" for signe in ';"\r\n')
    return f"""
        select code, string_agg(array_to_string(cellules, ';') || chr(13) || chr(10), '' order by rang)
        from (
            select
                m.{fichier.code} as code, row_number() over (order by {tri}) as rang,
                list_transform(
                    list_transform([{mots}], lambda x: case when {actif} then '''' || x else x end),
                    lambda x: case when {special} then '"' || replace(x, '"', '""') || '"' else x end
                ) as cellules
            from {fichier.lignes}
            where list_contains(?, m.{fichier.code})
        )
        group by code"""


def _en_mots(colonne: str, absente: str) -> str:
    texte = f"cast(m.{colonne} as varchar)"
    if colonne in _CHIFFRES:  # of at most six decimals: `1234.500000` → `1234,5`; the sign of a hidden one is left
        court = f"replace(rtrim(rtrim({texte}, '0'), '.'), '.', ',')"
        texte = f"if(contains({texte}, '.') and not ends_with({texte}, '.'), {court}, {texte})"
    return f"coalesce({texte}, '{absente}')"


def lire_controles(con: duckdb.DuckDBPyConnection) -> list[Ligne]:
    """Rows of `controles_<annee>.csv`: every anomaly, the gravest first."""
    return list(con.execute(_LIRE_CONTROLES).fetchall())


def ecrire(chemin: Path, texte: str) -> Path:
    """Writes what `lire` gives for a code."""
    chemin.write_bytes(codecs.BOM_UTF8 + texte.encode())
    return chemin


def ecrire_csv(chemin: Path, colonnes: Sequence[str], lignes: Iterable[Ligne]) -> Path:
    """Writes a CSV file in the form of the contract: numbers with up to six decimals, texts that no tool runs."""
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        flux.write("\ufeff")  # « utf-8-sig » would be asked at each row
        ecrivain = csv.writer(flux, delimiter=";", lineterminator=_FIN)
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
