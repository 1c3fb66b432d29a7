"""The run tracked by Prefect gives the same bytes as the direct one, and leaves one task run a step."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from tests.commande import RACINE, gestion_flux

EXEMPLE = RACINE / "data" / "raw" / "exemple"
LIRE_SERVEUR = """
import asyncio, json
from prefect.client.orchestration import get_client
async def lire():
    async with get_client() as client:
        taches = await client.read_task_runs()
        artefacts = await client.read_artifacts()
        print(json.dumps({"taches": sorted(t.name for t in taches), "etats": sorted({t.state_name for t in taches}),
                          "artefacts": sorted({a.key for a in artefacts if a.key})}))
asyncio.run(lire())
"""


def empreintes(sorties: Path) -> dict[str, str]:
    """SHA-256 of every published file; the warehouse by its content, as in the manifest."""
    manifeste = json.loads((sorties / "manifeste.json").read_text(encoding="utf-8"))
    entrepot = manifeste["sorties"]["flux.duckdb"]["sha256_contenu"]
    fichiers = {
        f.relative_to(sorties).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(sorties.rglob("*"))
        if f.is_file() and f.suffix != ".duckdb"
    }
    return fichiers | {"flux.duckdb": entrepot}


def test_les_deux_executions_publient_les_memes_octets(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    gestion_flux("bilan", 2025, "--entrees", EXEMPLE, "--sorties", tmp_path / "directe" / "2025")
    gestion_flux("bilan", 2025, "--entrees", EXEMPLE, "--sorties", tmp_path / "suivie" / "2025", "--suivi")
    assert empreintes(tmp_path / "directe" / "2025") == empreintes(tmp_path / "suivie" / "2025")

    lu = subprocess.run([sys.executable, "-c", LIRE_SERVEUR], capture_output=True, text=True, check=True)
    suivi = json.loads(lu.stdout.strip().splitlines()[-1])
    assert suivi["etats"] == ["Completed"]
    assert {"Réception des fichiers", "Calcul", "Contrôles", "Publication"} <= set(suivi["taches"])
    assert suivi["artefacts"] == ["anomalies", "comptage-lignes"]


def test_recommencer_donne_les_memes_octets(tmp_path: Path) -> None:
    sorties = tmp_path / "2025"
    gestion_flux("bilan", 2025, "--entrees", EXEMPLE, "--sorties", sorties)
    premiere = empreintes(sorties)
    gestion_flux("bilan", 2025, "--entrees", EXEMPLE, "--sorties", sorties)
    assert empreintes(sorties) == premiere
