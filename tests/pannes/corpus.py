"""The whole corpus of damaged campaigns, and how to run the real command on them."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import duckdb

from flows.commande.principale import main
from tests.commande import RACINE, lire_csv
from tests.pannes.campagne_saine import ANNEE
from tests.pannes.corpus_depots import LUS
from tests.pannes.corpus_formes import FORMES
from tests.pannes.corpus_metier import METIER
from tests.pannes.corpus_tableaux import TABLEAUX
from tests.pannes.corpus_textes import TEXTES
from tests.pannes.corpus_valeurs import VALEURS
from tests.pannes.variantes import Issue, Variante

CORPUS: tuple[Variante, ...] = (*TEXTES, *VALEURS, *TABLEAUX, *METIER, *LUS, *FORMES)
INTACTES = (Issue.IDENTIQUE, Issue.MEMES_CHIFFRES)
LANCEUR = Path(__file__).with_name("lanceur.py")
Photo = Mapping[str, bytes]


SEULES = ("dates_americaines", "millesime_de_l_exercice_absent")
"""Variants that stop the run without an anomaly of their own file, or so early that the others are not told."""


def bloquantes() -> list[tuple[Variante, ...]]:
    """Variants that must stop the run, each by an anomaly of its own when they are several."""
    ensemble = [tuple(v for v in lot if v.nom not in SEULES) for lot in lots((Issue.BLOQUE,))]
    return [lot for lot in ensemble if lot] + [(v,) for v in CORPUS if v.nom in SEULES]


def lots(issues: Sequence[Issue]) -> list[tuple[Variante, ...]]:
    """Variants of these issues packed in campaigns, each damaging a file of its own: one run proves several."""
    paquets: list[list[Variante]] = []
    for variante in (v for v in CORPUS if v.issue in issues):
        libre = next((p for p in paquets if variante.remplace not in {v.remplace for v in p}), None)
        if libre is None:
            paquets.append([variante])
        else:
            libre.append(variante)
    return [tuple(paquet) for paquet in paquets]


@dataclass(frozen=True)
class Fin:
    """How a run ended: exit code, what it printed."""

    code: int
    dit: str
    erreurs: str


def executer(commande: str, entrees: Path, sorties: Path, *options: str, quand: str = str(ANNEE)) -> Fin:
    """The real command line, in this process, for the exercise or the date `quand`.

    An exception that nobody foresaw comes out as such. The columns are left without their comments, which other tests
    read, and which take a tenth of a run.
    """
    sortie, erreurs = io.StringIO(), io.StringIO()
    avant = os.environ.get("GESTION_FLUX_TRACE")
    os.environ["GESTION_FLUX_TRACE"] = "1"
    try:
        with (
            contextlib.redirect_stdout(sortie),
            contextlib.redirect_stderr(erreurs),
            mock.patch("flows.entrepot.modeles.commenter"),
            mock.patch("flows.entrepot.chargement.commenter"),
        ):
            code = main([commande, quand, "--entrees", str(entrees), "--sorties", str(sorties), *options])
    finally:
        if avant is None:
            del os.environ["GESTION_FLUX_TRACE"]
    return Fin(code, sortie.getvalue(), erreurs.getvalue())


def mesurer(commande: str, entrees: Path, sorties: Path, travail: Path) -> tuple[Fin, dict[str, float]]:
    """The same in a process of its own, and what it took: `memoire` in bytes and `secondes`, children included."""
    mesure = travail / "mesure.json"
    fin = subprocess.run(
        [sys.executable, str(LANCEUR), str(mesure), commande, str(ANNEE), "--entrees", entrees, "--sorties", sorties],
        cwd=RACINE,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Fin(fin.returncode, fin.stdout, fin.stderr), json.loads(mesure.read_text(encoding="utf-8"))


def rapport(sorties: Path) -> list[dict[str, str]]:
    """Rows of `controles_<annee>.csv`, as published in `sorties`."""
    return lire_csv(sorties / "controles" / f"controles_{ANNEE}.csv")


def photo(dossier: Path) -> Photo:
    """Every file below a folder, with its bytes."""
    return {str(p.relative_to(dossier)): p.read_bytes() for p in sorted(dossier.rglob("*")) if p.is_file()}


def chiffres(sorties: Path) -> Photo:
    """The files that carry the figures: both CSV of each bilan."""
    return {nom: octets for nom, octets in photo(sorties / "bilan").items() if nom.endswith(".csv")}


def lignes_lues(sorties: Path, table: str, fichiers: Iterable[str]) -> list[tuple[int, tuple[object, ...]]]:
    """(row number, row) of these files in the warehouse, without where the row comes from."""
    with duckdb.connect(str(sorties / "flux.duckdb"), read_only=True) as con:
        requete = (
            f"select ligne, columns(c -> c not in ('fichier', 'feuille', 'ligne')) from raw.{table}"
            " where list_contains(?, fichier)"
        )
        return [(ligne, tuple(reste)) for ligne, *reste in con.execute(requete, [list(fichiers)]).fetchall()]


def comptages(sorties: Path, fichiers: Iterable[str]) -> tuple[int, int, int]:
    """Rows read, accepted, rejected of these files."""
    with duckdb.connect(str(sorties / "flux.duckdb"), read_only=True) as con:
        requete = (
            "select sum(lues), sum(acceptees), sum(rejetees) from audit.comptage_lignes where list_contains(?, fichier)"
        )
        lues, acceptees, rejetees = con.execute(requete, [list(fichiers)]).fetchone() or (0, 0, 0)
    return int(lues), int(acceptees), int(rejetees)


def encodage(sorties: Path, fichier: str) -> str:
    """Encoding that the report gives for a file."""
    with duckdb.connect(str(sorties / "flux.duckdb"), read_only=True) as con:
        (lu,) = con.execute("select encodage from audit.sources where fichier = ?", [fichier]).fetchone() or ("",)
    return str(lu)


def oublier(dossier: Path) -> None:
    """Removes a folder, if it is there."""
    shutil.rmtree(dossier, ignore_errors=True)
