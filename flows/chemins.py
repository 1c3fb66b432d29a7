"""Every path of the project. This module imports nothing of it.

In a checkout `sql/` and `templates/` stand beside the package; in an installed wheel they are inside it.
"""

from pathlib import Path

PAQUET = Path(__file__).resolve().parent
RACINE = PAQUET.parent


def _livre(nom: str, ailleurs: str) -> Path:
    """A folder shipped with the package: inside an installed wheel, else at its place in the checkout."""
    dedans = PAQUET / nom
    return dedans if dedans.is_dir() else RACINE / ailleurs


SQL = _livre("sql", "sql")
REF = SQL / "ref"
GABARITS = _livre("templates", "templates")
EXEMPLE = _livre("donnees_exemple", "data/raw/exemple")
CONTRAT = PAQUET / "contrat"
ENTREES = Path("data/raw")
SORTIES = Path("data/out")

ENTREPOT = "flux.duckdb"
MANIFESTE = "manifeste.json"
PUBLIC = "public"
"""Folder of the version with the small numbers hidden."""


def entrees_par_defaut(annee: int) -> Path:
    """Folder where the analyst drops the files of an exercice."""
    return ENTREES / str(annee)


def sorties_par_defaut(annee: int) -> Path:
    """Folder where the deliverables of an exercice are published."""
    return SORTIES / str(annee)


def correspondances(entrees: Path) -> list[Path]:
    """Files of the bailleur's own mapping, beside the folders of the years; none when there is none."""
    lieu = entrees.resolve().parent
    classeurs = [c for forme in (".xlsx", ".ods") if (c := lieu / f"correspondances{forme}").is_file()]
    return classeurs + sorted((lieu / "correspondances").glob("*.csv"))
