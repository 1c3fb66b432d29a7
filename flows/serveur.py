"""The Prefect server of a run: the one that is declared, else a temporary one that never outlives the run.

Imports nothing of Prefect: it also says, quickly, that there is no server. The temporary server is a child that ends
by itself when its input closes, which the system does when we die, even killed.
"""

import os
import socket
import subprocess
import sys
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flows.chemins import RACINE
from flows.etapes import dire
from flows.personnes import VARIABLE_CLE

DEMARRAGE_MAX_S = 120.0
REPONSE_MAX_S = 5.0
REGLAGES = {
    # nothing phones home
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # a lost server is given up in seconds, not in minutes: the work goes on without it
    "PREFECT_CLIENT_MAX_RETRIES": "2",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}


def preparer() -> None:
    """Prepares the environment that Prefect, its server and its other children take: no key of personal files in it.

    To be called before Prefect is imported. Settings that the user gave win.
    """
    os.environ.pop(VARIABLE_CLE, None)
    for nom, valeur in REGLAGES.items():
        os.environ.setdefault(nom, valeur)


@contextmanager
def serveur() -> Iterator[str | None]:
    """Address of a server that answers, for the time of a run; None, and it is said, when there is none."""
    preparer()
    declaree = adresse_declaree()
    if declaree is not None:
        os.environ["PREFECT_API_URL"] = declaree
        if repond(declaree):
            yield declaree
        else:
            dire(f"Le serveur Prefect {declaree} ne répond pas : le travail se fait sans suivi.")
            yield None
        return
    dire("Démarrage d'un serveur Prefect temporaire (20 s environ)…")
    port = _port_libre()
    adresse = f"http://127.0.0.1:{port}/api"
    processus = _demarrer(port)
    try:
        if _attendre(processus, adresse):
            os.environ["PREFECT_API_URL"] = adresse
            yield adresse
        else:
            dire("Le serveur Prefect temporaire n'a pas démarré : le travail se fait sans suivi.")
            yield None
    finally:
        os.environ.pop("PREFECT_API_URL", None)
        _finir(processus)


def adresse_declaree() -> str | None:
    """Address given by PREFECT_API_URL or by the active profile of Prefect; None without either."""
    if adresse := os.environ.get("PREFECT_API_URL"):
        return adresse
    maison = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    fichier = Path(os.environ.get("PREFECT_PROFILES_PATH") or maison / "profiles.toml")
    with suppress(OSError, ValueError, KeyError, TypeError):
        profils = tomllib.loads(fichier.read_text(encoding="utf-8"))
        lu = profils["profiles"][os.environ.get("PREFECT_PROFILE") or profils["active"]]["PREFECT_API_URL"]
        return str(lu)
    return None


def repond(adresse: str) -> bool:
    """True when something answers there, even to ask who we are."""
    try:
        with urllib.request.urlopen(f"{adresse}/health", timeout=REPONSE_MAX_S):  # noqa: S310
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False


def _demarrer(port: int) -> subprocess.Popen[bytes]:
    environnement = {nom: valeur for nom, valeur in os.environ.items() if not nom.startswith("GESTION_FLUX_")}
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "flows.serveur", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=RACINE,
        env=environnement | {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"},
        # Ctrl-C in the terminal is for us: the server must live until we have said how the run ended
        start_new_session=True,
    )


def _attendre(processus: subprocess.Popen[bytes], adresse: str) -> bool:
    limite = time.monotonic() + DEMARRAGE_MAX_S
    while processus.poll() is None and time.monotonic() < limite:
        if repond(adresse):
            return True
        time.sleep(0.2)
    return False


def _finir(processus: subprocess.Popen[bytes]) -> None:
    if processus.stdin is not None:
        processus.stdin.close()
    try:
        processus.wait(timeout=10)
    except subprocess.TimeoutExpired:
        processus.kill()
        processus.wait()


def _port_libre() -> int:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


def _servir(port: int) -> None:
    """The child: serves on loopback until its input closes."""
    threading.Thread(target=_mourir_avec_le_parent, daemon=True).start()
    import uvicorn
    from prefect.server.api.server import create_app

    uvicorn.run(create_app(), host="127.0.0.1", port=port, log_level="error", lifespan="on")


def _mourir_avec_le_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    _servir(int(sys.argv[1]))
