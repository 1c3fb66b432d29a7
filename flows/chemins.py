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
REGLAGES = Path("reglages")
"""The bailleur's own settings, where the command is run: over the product's, untouched by an upgrade."""
ENTREES = Path("data/raw")
SORTIES = Path("data/out")

ENTREPOT = "flux.duckdb"
MANIFESTE = "manifeste.json"
PUBLIC = "public"
"""Folder of the version with the small numbers hidden."""


def reglages(dossier: Path) -> Path:
    """The bailleur's folder that goes over a folder of the product's templates (or of another, beside it)."""
    if dossier.is_relative_to(GABARITS):
        return REGLAGES / dossier.relative_to(GABARITS)
    return dossier.parent / "reglages"


def modeles_word(dossier: Path) -> dict[str, Path]:
    """The Word templates of a folder by name, the bailleur's in the place of the product's."""
    trouves = [f for lieu in (dossier, reglages(dossier)) for f in sorted(lieu.glob("*.docx"))]
    return {f.stem: f for f in trouves if not f.name.startswith("~$")}  # Word's own mark of an open document


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
