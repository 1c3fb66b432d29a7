"""Every path of the project. This module imports nothing of it."""

from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
SQL = RACINE / "sql"
REF = SQL / "ref"
GABARITS = RACINE / "templates"
SOURCES = Path(__file__).resolve().parent / "sources"
ENTREES = Path("data/raw")
SORTIES = Path("data/out")

ENTREPOT = "flux.duckdb"
MANIFESTE = "manifeste.json"


def entrees_par_defaut(annee: int) -> Path:
    """Folder where the analyst drops the files of an exercice."""
    return ENTREES / str(annee)


def sorties_par_defaut(annee: int) -> Path:
    """Folder where the deliverables of an exercice are published."""
    return SORTIES / str(annee)
