"""What a SQL order takes from Python, and gives back to it: texts, paths, rows by the names of their columns."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb  # who reads workbooks apart does without the engine


def litteral(valeur: object) -> str:
    """A text as SQL writes it, or null."""
    return "null" if valeur is None else "'" + str(valeur).replace("'", "''") + "'"


def a_lire(fichier: Path, suite: str = "") -> str:
    """SQL: the path of a file to read, where `*`, `?` and `[` would be a pattern, then a `suite` that may be one.

    Readers (`read_parquet`, `read_csv`…) take patterns; `attach` and `copy … to` take paths as they are (`litteral`).
    """
    return litteral(re.sub(r"[\[*?]", r"[\g<0>]", fichier.as_posix()) + suite)


def lignes(con: "duckdb.DuckDBPyConnection", requete: str, valeurs: object = None) -> list[dict[str, Any]]:
    """The rows of a query, each by the names of its columns."""
    curseur = con.execute(requete, valeurs)
    noms = [colonne for colonne, *_ in curseur.description or ()]
    return [dict(zip(noms, ligne, strict=True)) for ligne in curseur.fetchall()]
