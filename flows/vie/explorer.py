"""The published warehouse, ready to be explored: its catalogue, ten questions, French macros, true Excel files out."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from flows.anomalies import MauvaisUsage
from flows.chemins import ENTREPOT, PAQUET
from flows.fichiers import entier
from flows.requetes import litteral
from flows.vie import entrepots

QUESTIONS = PAQUET / "vie" / "questions.sql"
MACROS = PAQUET / "vie" / "macros.sql"
LIGNES_MAX = 1_048_575
"""Rows of an Excel sheet, its headings apart."""
LOT = 100_000
"""Rows that the engine makes at once."""
OUTILS = {
    "duckdb": (("duckdb",), "DuckDB CLI 1.5 : https://duckdb.org/docs/installation"),
    "ui": (("duckdb",), "DuckDB CLI 1.5, dont l'option -ui ouvre un navigateur"),
    "harlequin": (("harlequin",), "pip install harlequin"),
    "marimo": (("marimo",), "pip install marimo"),
}
ANNEES = ("mesures", "lignes_flux", "objectif_lignes", "repartition", "synthese", "reservataires", "delais", "quotas")
"""Tables of `bilan` that have a view over the years: their name and `_annees`."""


@dataclass(frozen=True)
class Question:
    """A question of a housing analyst and the query that answers it, as it pastes into the shell."""

    libelle: str
    requete: str


def questions() -> list[Question]:
    """The ten questions, in their order."""
    lues = []
    for bloc in QUESTIONS.read_text(encoding="utf-8").split("-- Question : ")[1:]:
        libelle, _, requete = bloc.partition("\n")
        lues.append(Question(libelle.strip(), requete.strip()))
    return lues


def catalogue(sorties: Path) -> list[tuple[str, str, str, int | None]]:
    """Subject, name, what one row is, number of rows (None for a view) of each table of `bilan` that holds something.

    Raises MauvaisUsage for a warehouse of an earlier version, which has no catalogue.
    """
    with entrepots.lire(publie=sorties) as con:
        try:
            return con.execute(
                "select sujet, 'bilan.' || nom_table, contenu, nombre_de_lignes from bilan.catalogue order by all"
            ).fetchall()
        except duckdb.CatalogException as absence:
            raise MauvaisUsage(
                f"L'entrepôt de {sorties} est d'une version précédente, sans catalogue : gestion-flux bilan --refaire."
            ) from absence


def preambule(sorties: Path) -> str:
    """SQL that a session begins with: the warehouses of the other years, views over all of them, macros.

    `mesures_annees` has the rows of `bilan.mesures` of each year whose warehouse is there, and so on for `ANNEES`.
    """
    ici = sorties.resolve()
    autres = {
        f"an_{base.parent.name}": base
        for base in sorted(ici.parent.glob(f"[12][0-9][0-9][0-9]/{ENTREPOT}"))
        if base.parent != ici
    }
    ordres = [f"attach {litteral(base)} as {nom} (read_only)" for nom, base in autres.items()]
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        for ordre in ordres:
            con.execute(ordre)
        for table in ANNEES:
            parts = [f"select * from bilan.{table}"]
            for nom, base in autres.items():
                if colonnes := entrepots.colonnes(con, nom, "bilan", table):
                    annee = "" if "annee" in colonnes else f", {base.parent.name} as annee"
                    parts.append(f"select *{annee} from {nom}.bilan.{table}")
            ordres.append(f"create temp view {table}_annees as " + " union all by name ".join(parts))
    return ";\n".join(ordres) + ";\n" + MACROS.read_text(encoding="utf-8").replace("create macro", "create temp macro")


def exporter(sorties: Path, requete: str, fichier: Path) -> int:
    """Writes the rows of a query in a true .xlsx; gives their number.

    Raises MauvaisUsage for a query that the warehouse refuses, or for more rows than a sheet holds.
    """
    if fichier.suffix.lower() != ".xlsx":
        raise MauvaisUsage(f"{fichier.name} : un nom en .xlsx est attendu.")
    if fichier.exists():
        raise MauvaisUsage(f"{fichier} existe déjà : donnez un autre nom, ou déplacez-le.")
    if not fichier.parent.is_dir():
        raise MauvaisUsage(f"{fichier} : {fichier.parent} n'est pas un dossier. Créez-le, ou donnez un autre chemin.")
    with entrepots.lire(publie=sorties) as con:
        con.execute(preambule(sorties))
        con.execute("set enable_external_access = false")  # the query reads the warehouse and nothing else
        try:
            table = _lire(con, requete)
        except duckdb.Error as refus:
            raise MauvaisUsage(f"Requête refusée : {str(refus).splitlines()[0]}") from refus
    with entier(fichier) as provisoire:
        table.write_excel(provisoire, worksheet="Résultat", autofilter=True, freeze_panes=(1, 0), autofit=True)
    return table.height


def _lire(con: duckdb.DuckDBPyConnection, requete: str) -> pl.DataFrame:
    """The rows of a query, no more of which are made than a sheet holds. Raises MauvaisUsage when there are more."""
    lots, lues = con.execute(requete).to_arrow_reader(LOT), 0
    gardes = []
    for lot in lots:
        gardes.append(lot)
        lues += lot.num_rows
        if lues > LIGNES_MAX:
            raise MauvaisUsage(f"Plus de {LIGNES_MAX} lignes, ce qu'une feuille Excel tient : filtrez la requête.")
    return pl.DataFrame(pa.Table.from_batches(gardes, lots.schema))


def exporter_parquet(sorties: Path, dossier: Path) -> list[Path]:
    """Each table of `bilan` as Parquet, in a new or empty folder. Gives the files."""
    if dossier.exists() and any(dossier.iterdir()):
        raise MauvaisUsage(f"{dossier} n'est pas vide : donnez un dossier nouveau.")
    dossier.mkdir(parents=True, exist_ok=True)
    ecrits = []
    with entrepots.lire(publie=sorties) as con:
        for _, nom, _, _ in catalogue(sorties):
            ecrits.append(dossier / f"{nom.partition('.')[2]}.parquet")
            con.execute(f"copy (select * from {nom}) to {litteral(ecrits[-1])} (format parquet)")
    return ecrits


def ouvrir(sorties: Path, avec: str) -> int:
    """Opens the warehouse read-only with a tool that is installed, until it is left. Gives the code of the tool.

    Raises MauvaisUsage, with how to install it, when it is not there.
    """
    (commande, *_), installation = OUTILS[avec]
    programme = shutil.which(commande)
    if programme is None:
        raise MauvaisUsage(f"{commande} n'est pas installé ici. Installation : {installation}.")
    base = sorties / ENTREPOT
    if not base.is_file():
        raise MauvaisUsage(f"{sorties} ne contient pas de {ENTREPOT} : lancez d'abord gestion-flux bilan.")
    if avec == "harlequin":
        return subprocess.call([programme, "--read-only", str(base)])  # noqa: S603
    if avec == "marimo":
        return subprocess.call([programme, "edit", str(carnet(sorties))])  # noqa: S603
    with tempfile.TemporaryDirectory() as dossier:
        debut = Path(dossier) / "debut.sql"
        debut.write_text(preambule(sorties), encoding="utf-8")
        options = ["-readonly", "-init", str(debut), *(["-ui"] if avec == "ui" else []), str(base)]
        return subprocess.call([programme, *options])  # noqa: S603


def carnet(sorties: Path) -> Path:
    """The marimo notebook of the example, beside the outputs, pointing at them; an edited one is left as it is."""
    fichier = sorties.resolve().parent / f"carnet_{sorties.resolve().name}.py"
    if not fichier.exists():
        modele = (PAQUET / "vie" / "carnet_marimo.txt").read_text(encoding="utf-8")
        fichier.write_text(modele.replace("@ENTREPOT@", str((sorties / ENTREPOT).resolve())), encoding="utf-8")
    return fichier


def presents() -> list[str]:
    """The tools that are installed here."""
    return [nom for nom, ((commande, *_), _) in OUTILS.items() if shutil.which(commande) or find_spec(commande)]
