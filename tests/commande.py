"""Runs the real command in tests, as a user would, and reads what it published."""

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

RACINE = Path(__file__).resolve().parents[1]


def empreintes(sorties: Path) -> dict[str, str]:
    """SHA-256 of every published file; the warehouse by its content, as in the manifest."""
    manifeste = json.loads((sorties / "manifeste.json").read_text(encoding="utf-8"))
    fichiers = {
        f.relative_to(sorties).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(sorties.rglob("*"))
        if f.is_file() and f.suffix != ".duckdb"
    }
    return fichiers | {"flux.duckdb": manifeste["sorties"]["flux.duckdb"]["sha256_contenu"]}


def gestion_flux(
    *arguments: object, attendu: int | None = 0, env: Mapping[str, str] | None = None, cwd: Path = RACINE
) -> subprocess.CompletedProcess[str]:
    """Runs `python -m flows` with these arguments and checks its exit code (any, when `attendu` is None)."""
    fin = subprocess.run(
        [sys.executable, "-m", "flows", *map(str, arguments)],
        cwd=cwd,
        env=env if cwd == RACINE else {**(os.environ if env is None else env), "PYTHONPATH": str(RACINE)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert attendu in (None, fin.returncode), f"code {fin.returncode}\n{fin.stdout[-2000:]}\n{fin.stderr[-4000:]}"
    return fin


def lire_csv(chemin: Path) -> list[dict[str, str]]:
    """Rows of a published CSV."""
    with chemin.open(encoding="utf-8-sig", newline="") as flux:
        return list(csv.DictReader(flux, delimiter=";"))


def bilan(sorties: Path, annee: int, code: str) -> dict[tuple[str, str, str], Decimal]:
    """(mesure, dimension, modalite) → nombre of a published bilan."""
    dossier = "_bailleur" if code.startswith(("_", "epci_", "ept_")) else code
    lignes = lire_csv(sorties / "bilan" / dossier / f"bilan_{annee}_{code}.csv")
    return {(x["mesure"], x["dimension"], x["modalite"]): Decimal(x["nombre"].replace(",", ".")) for x in lignes}


def flux(sorties: Path, annee: int, code: str) -> dict[str, Decimal | None]:
    """ligne → valeur of a published flux; None when it is « non fourni »."""
    dossier = "_bailleur" if code.startswith(("_", "epci_", "ept_")) else code
    lignes = lire_csv(sorties / "bilan" / dossier / f"flux_{annee + 1}_{code}.csv")
    return {x["ligne"]: None if x["valeur"] == "non fourni" else Decimal(x["valeur"].replace(",", ".")) for x in lignes}


def ecrire_table(dossier: Path, nom: str, texte: str) -> Path:
    """Writes a small table given as indented text, `;` between cells."""
    dossier.mkdir(parents=True, exist_ok=True)
    chemin = dossier / f"{nom}.csv"
    chemin.write_text("\n".join(x.strip() for x in texte.strip().splitlines()) + "\n", encoding="utf-8")
    return chemin
