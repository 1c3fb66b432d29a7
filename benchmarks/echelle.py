"""What one more bailleur costs: `python -m benchmarks.echelle [dossier]`, by hand, on a machine that does nothing else.

For each size, one bailleur alone in its process; then many small ones together, by processes; then their gathering.
Times are CPU seconds of the children too, which a busy machine disturbs least, and wall seconds beside them.
"""

import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.donnees import Cas, fabriquer
from flows.vie import consolidation

ANNEE = 2025
TAILLES = (100, 1_000, 10_000, 50_000)
ENSEMBLE = 40
PETIT = 100
RESERVATAIRES = 5


def chronometrer(faire: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds, this process and the children that ended."""

    def calcul() -> float:
        moi, enfants = (resource.getrusage(q) for q in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return moi.ru_utime + moi.ru_stime + enfants.ru_utime + enfants.ru_stime

    debut, avant = time.perf_counter(), calcul()
    faire()
    return time.perf_counter() - debut, calcul() - avant


def main() -> None:
    """Prints the two tables of docs/echelle.md."""
    travail = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    print(f"{os.cpu_count()} cœurs, charge au début {os.getloadavg()[0]:.1f}")
    for taille in TAILLES:
        racine = travail / f"un-{taille}"
        fabriquer(Cas("un", taille, RESERVATAIRES, 3), racine / "un" / str(ANNEE))
        sorties = travail / f"out-{taille}"
        tache = consolidation.taches(racine, ANNEE, sorties, 1)[0]
        mur, calcul = chronometrer(lambda tache=tache: print(consolidation.executer(tache).resultat, end=" "))
        entrepot = sorties / "un" / str(ANNEE) / "flux.duckdb"
        print(f"{taille} logements : {mur:.1f} s, {calcul:.1f} s de calcul, {entrepot.stat().st_size / 1e6:.0f} Mo")
        shutil.rmtree(racine)
        shutil.rmtree(sorties)
    racine, sorties = travail / "racine", travail / "out"
    for rang in range(ENSEMBLE):
        fabriquer(Cas("petit", PETIT, RESERVATAIRES, 3), racine / f"b{rang:02d}" / str(ANNEE))
    for etiquette in ("première fois", "rien n'a changé"):
        issues: list[consolidation.Issue] = []
        mur, calcul = chronometrer(
            lambda issues=issues: issues.extend(consolidation.consolider(racine, ANNEE, sorties, os.cpu_count() or 1))
        )
        bons = sum(i.est_bonne for i in issues)
        print(
            f"{bons} sur {len(issues)} bailleurs de {PETIT} logements, {etiquette} : "
            f"{mur:.1f} s, {calcul:.1f} s de calcul"
        )
    mur, calcul = chronometrer(lambda: consolidation.rassembler(sorties / "reprise", ANNEE, issues))
    print(f"dont rassemblement : {mur:.1f} s, {calcul:.1f} s de calcul")
    poids = sum(f.stat().st_size for f in sorties.rglob("*") if f.is_file() and ".versions" not in f.parts)
    print(f"{poids / 1e6 / ENSEMBLE:.0f} Mo par bailleur")
    shutil.rmtree(travail)


if __name__ == "__main__":
    main()
