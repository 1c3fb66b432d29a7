"""A run in small, in its own process, for the tests that kill it, starve it or hold its files.

python pilote.py DOSSIER VERSION [--pause S] [--octets N] [--lignes N] [--limite N] [--attente FICHIER]

Receives DOSSIER/in, lays a warehouse and a few files that all hold VERSION, publishes in DOSSIER/out/2025 and writes
in the register. Exit 0 published, 1 stopped by an anomaly (its code and message printed), anything else a defect.
"""

import argparse
import sys
import time
from pathlib import Path

import duckdb

from flows.anomalies import ArretBloquant
from flows.campagne import Campagne
from flows.depot.reception import recevoir
from flows.publication.parution import chantier, publier
from flows.publication.registre import faits_publies, inscrire

CODES = ("maire", "prefet")
COMPTAGES = [
    {"table_metier": "rpls", "fichier": "rpls_2025.csv", "feuille": "", "lues": 3, "acceptees": 2, "rejetees": 1}
]


def produire(lieu: Path, version: str, octets: int, pause: float, lignes: int) -> None:
    """Every file holds the version, so that a mixture of two publications would show."""
    (lieu / ".travail" / "lignes.parquet").write_text("provisoire")
    for code in CODES:
        dossier = lieu / "bilan" / code
        dossier.mkdir(parents=True)
        (dossier / f"bilan_2025_{code}.csv").write_text(f"{version};{code}\n")
        (dossier / f"bilan_2025_{code}.xlsx").write_bytes(version.encode() * (octets // len(version)))
        time.sleep(pause)
    with duckdb.connect(str(lieu / "flux.duckdb")) as base:
        base.execute("create schema bilan")
        rangees = f"select '{version}' as version, hash(i) as empreinte from range({lignes}) r(i)"
        base.execute(f"create table bilan.mesures as {rangees}")
        time.sleep(pause)
    (lieu / "index.html").write_text(version)


def executer(
    dossier: Path,
    version: str,
    octets: int = 4000,
    pause: float = 0.0,
    lignes: int = 200,
    attente: Path | None = None,
) -> None:
    campagne = Campagne(2025, dossier / "in", dossier / "out" / "2025")
    recus, _ = recevoir(campagne.entrees, ("rpls",))
    with chantier(campagne) as lieu:
        if attente:
            attente.touch()
        produire(lieu, version, octets, pause, lignes)
        publier(campagne, lieu, recus, COMPTAGES)
        inscrire(campagne, "publication", faits_publies(campagne.sorties))


def main() -> int:
    analyse = argparse.ArgumentParser()
    analyse.add_argument("dossier", type=Path)
    analyse.add_argument("version")
    analyse.add_argument("--pause", type=float, default=0.0)
    analyse.add_argument("--octets", type=int, default=4000)
    analyse.add_argument("--lignes", type=int, default=200)
    analyse.add_argument("--limite", type=int, help="largest file that this process may write, in bytes")
    analyse.add_argument("--attente", type=Path, help="file to make once the lock is held")
    args = analyse.parse_args()
    if args.limite:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (args.limite, args.limite))
    try:
        executer(args.dossier, args.version, args.octets, args.pause, args.lignes, args.attente)
    except ArretBloquant as arret:
        for anomalie in arret.anomalies:
            print(f"{anomalie.code}: {anomalie.message} {anomalie.correction}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
