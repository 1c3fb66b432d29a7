"""One real Prefect server on loopback for all the tests here, shared by the processes that pytest may use."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from flows.serveur import REGLAGES, repond

PRESSE = {
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
    "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    "PREFECT_LOGGING_LEVEL": "WARNING",
}
"""What waits for minutes in real life waits for seconds here."""


@dataclass(frozen=True)
class Serveur:
    """A running server: its address, and the environment of what talks to it."""

    adresse: str
    maison: Path

    @property
    def environnement(self) -> dict[str, str]:
        """That of this process, with the server."""
        return os.environ | REGLAGES | PRESSE | {"PREFECT_API_URL": self.adresse, "PREFECT_HOME": str(self.maison)}

    def demander(self, chemin: str, corps: dict[str, Any] | None = None) -> Any:
        """The answer of the server's API to a POST."""
        requete = urllib.request.Request(
            f"{self.adresse}{chemin}", json.dumps(corps or {}).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(requete, timeout=20) as reponse:
            return json.loads(reponse.read())


@pytest.fixture(scope="session")
def serveur_prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serveur]:
    """`prefect server start`, with its scheduler; the last process that uses it stops it."""
    commun = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        commun = commun.parent
    fiche, maison = commun / "prefect.json", commun / "prefect"
    with FileLock(commun / "prefect.verrou"):
        partage = json.loads(fiche.read_text()) if fiche.exists() else _demarrer(maison)
        partage["usagers"] += 1
        fiche.write_text(json.dumps(partage))
    yield Serveur(partage["adresse"], maison)
    with FileLock(commun / "prefect.verrou"):
        partage = json.loads(fiche.read_text())
        partage["usagers"] -= 1
        fiche.write_text(json.dumps(partage))
        if not partage["usagers"]:
            os.killpg(partage["groupe"], signal.SIGKILL)
            fiche.unlink()


def port_libre() -> int:
    """A port of loopback that nothing uses."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


def _demarrer(maison: Path) -> dict[str, Any]:
    port = port_libre()
    adresse = f"http://127.0.0.1:{port}/api"
    processus = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"],
        env=os.environ | REGLAGES | PRESSE | {"PREFECT_HOME": str(maison), "PREFECT_API_URL": adresse},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    limite = time.monotonic() + 120
    while not repond(adresse):
        assert processus.poll() is None and time.monotonic() < limite, "the server did not start"
        time.sleep(0.2)
    return {"adresse": adresse, "groupe": processus.pid, "usagers": 0}
