"""The product beside its peers and the floors: one command, one Markdown table, what it loses included.

    python -m benchmarks [--cas 3k,20k] [--passages 3] [--pairs PYTHON] [--delai 600] [--memoire-max 20000] [--ecrire]

`--pairs`: the Python of an environment with `benchmarks/requirements.txt`; without it, peers that are not installed
are left out and said. Compare ratios of one run, never seconds of two machines.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.comparaison import ecarts_avec_le_produit
from benchmarks.donnees import ANNEE, CAS, RACINE, Cas, fabriquer
from benchmarks.mesure import Mesure, mesurer

PAIRS = Path(__file__).parent / "pairs"
RESULTATS = Path(__file__).parent / "RESULTATS.md"
CONTROLER = "controler (lit, calcule, contrôle)"
TOUT = "bilan (tout, documents compris)"
RIEN = "bilan, rien n'a changé"
RAPPORTS = {
    CONTROLER: ("dbt-duckdb", "pandas", "lecture nue DuckDB"),
    TOUT: ("dbt-duckdb", "script DuckDB + classeurs", "XlsxWriter seul, mêmes cellules"),
    RIEN: ("sha256 des entrées",),
}


@dataclass(frozen=True)
class Bornes:
    """What a command may use: seconds, and megabytes of memory."""

    delai: float
    memoire: int


def commandes(cas: Cas, travail: Path, pairs: str) -> dict[str, tuple[list[str], Path | None]]:
    """Name → (command, folder to empty before it); the product first."""
    entrees, ref = str(travail / "entrees"), str(RACINE / "sql" / "ref")

    def produit(verbe: str, dossier: str) -> list[str]:
        chemins = ["--entrees", entrees, "--sorties", str(travail / dossier / str(ANNEE))]
        return [sys.executable, "-m", "flows", verbe, str(ANNEE), *chemins]

    def pair(script: str, nom: str, *suite: str) -> tuple[list[str], Path]:
        sorties = travail / nom
        return [pairs, str(PAIRS / script), entrees, str(sorties), ref, *suite], sorties

    def plancher(quoi: str, dossier: str) -> tuple[list[str], None]:
        return [pairs, str(PAIRS / "planchers.py"), quoi, dossier], None

    return {
        CONTROLER: (produit("controler", "controle"), travail / "controle"),
        TOUT: (produit("bilan", "produit"), travail / "produit"),
        RIEN: (produit("bilan", "produit"), None),
        "dbt-duckdb": pair("dbt_projet.py", "dbt"),
        "script DuckDB": pair("duckdb_script.py", "duckdb"),
        "script DuckDB + classeurs": pair("duckdb_script.py", "duckdb_xlsx", "xlsx"),
        "polars": pair("polars_script.py", "polars"),
        "pandas": pair("pandas_script.py", "pandas"),
        "XlsxWriter seul, mêmes cellules": plancher("xlsx", str(travail / "produit" / str(ANNEE))),
        "lecture nue DuckDB": plancher("lecture", entrees),
        "sha256 des entrées": plancher("sha256", entrees),
    }


def passer(cas: Cas, travail: Path, pairs: str, passages: int, bornes: Bornes, sauf: set[str]) -> list[str]:
    """Runs a case and returns its part of the page."""
    fabriquer(cas, travail / "entrees")
    octets = sum(f.stat().st_size for f in (travail / "entrees").iterdir())
    mesures: dict[str, list[Mesure]] = {}
    for _ in range(passages):
        for nom, (commande, dossier) in commandes(cas, travail, pairs).items():
            if nom in sauf or any(not m.reussie for m in mesures.get(nom, [])):
                continue
            if dossier:
                shutil.rmtree(dossier, ignore_errors=True)
            if nom.startswith("XlsxWriter") and not (travail / "cellules.pickle").exists():
                cellules = [sys.executable, str(PAIRS / "planchers.py"), "xlsx-cellules", commande[-1]]
                mesurer(cellules, bornes.delai, bornes.memoire)
            mesure = mesurer(commande, bornes.delai, bornes.memoire)
            mesures.setdefault(nom, []).append(mesure)
            print(f"  {cas.nom:9}{nom:36}{mesure.texte}", file=sys.stderr, flush=True)
    titre = f"{cas.logements} logements × 2, {cas.reservataires} réservataires"
    lignes = [
        f"## {cas.nom} : {titre} ({octets / 1e6:.0f} Mo de CSV)",
        "",
        "| | secondes | dont calcul | Mo au plus |",
        "|---|---|---|---|",
    ]
    medianes = {nom: sorted(faites, key=lambda m: m.secondes)[len(faites) // 2] for nom, faites in mesures.items()}
    for nom, faites in mesures.items():
        echec = next((m for m in faites if not m.reussie), None)
        secondes = echec.raison if echec else f"{medianes[nom].secondes:.2f}"
        lignes.append(f"| {nom} | {secondes} | {medianes[nom].calcul:.2f} | {max(m.memoire for m in faites)} |")
    lignes += ["", "| rapport | secondes | calcul |", "|---|---|---|"]
    for nom, autres in RAPPORTS.items():
        for autre in autres:
            if all(n in medianes and medianes[n].reussie for n in (nom, autre)):
                lui, pair = medianes[nom], medianes[autre]
                lignes.append(
                    f"| {nom} ÷ {autre} | {lui.secondes / pair.secondes:.2f} | {lui.calcul / pair.calcul:.2f} |"
                )
    if TOUT in medianes and medianes[TOUT].reussie:
        for nom, dossier in (
            ("script DuckDB", "duckdb"),
            ("polars", "polars"),
            ("pandas", "pandas"),
            ("dbt-duckdb", "dbt"),
        ):
            if nom in medianes and medianes[nom].reussie:
                total, ecarts = ecarts_avec_le_produit(travail / "produit" / str(ANNEE), travail / dossier)
                lignes.append(f"| chiffres de {nom} égaux à ceux du produit | {total - ecarts} sur {total} | |")
    return [*lignes, ""]


def _charge() -> str:
    """Processes that were running or waiting in the last minute, ours left out: none of them has started."""
    return f"{os.getloadavg()[0]:.1f}".replace(".", ",") if hasattr(os, "getloadavg") else "inconnue"


def main() -> None:
    analyseur = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    analyseur.add_argument("--cas", default="3k,20k", help=f"parmi {', '.join(CAS)}")
    analyseur.add_argument("--passages", type=int, default=3)
    analyseur.add_argument("--pairs", default=sys.executable, help="Python de l'environnement des pairs")
    analyseur.add_argument("--delai", type=float, default=600, help="secondes au plus par commande")
    analyseur.add_argument("--memoire-max", type=int, default=20_000, help="mégaoctets au plus par commande")
    analyseur.add_argument("--sauf", default="", help="noms à laisser, séparés par des virgules")
    analyseur.add_argument("--travail", type=Path, help="dossier de travail, gardé (défaut : temporaire)")
    analyseur.add_argument("--ecrire", action="store_true", help="remplace benchmarks/RESULTATS.md")
    options = analyseur.parse_args()
    bornes = Bornes(options.delai, options.memoire_max)
    version = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=RACINE, capture_output=True, text=True).stdout  # noqa: S607
    page = [
        "# Le produit, ses pairs et les planchers",
        "",
        f"Écrit par `python -m benchmarks --cas {options.cas} --passages {options.passages}` ; version "
        f"{version.strip() or '?'}, {platform.system()} {platform.machine()}, {os.cpu_count()} cœurs, "
        f"Python {platform.python_version()}. Médianes ; mémoire : somme des processus.",
        f"Charge de la machine au début : {_charge()}. Chargée, ses secondes ne disent plus rien,",
        "celles de calcul (tous processus et cœurs) tiennent mieux. Rapport au-dessus de 1 : nous perdons.",
        "Les pairs lisent les mêmes CSV et donnent les mêmes chiffres de base (parc, mesures par cinq axes, lignes de",
        "l'annexe), sans contrôle, sans double, sans explication et sans document.",
        "",
    ]
    with tempfile.TemporaryDirectory() as temporaire:
        for nom in options.cas.split(","):
            travail = (options.travail or Path(temporaire)) / nom
            page += passer(CAS[nom], travail, options.pairs, options.passages, bornes, set(options.sauf.split(",")))
    print("\n".join(page))
    if options.ecrire:
        RESULTATS.write_text("\n".join(page).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
