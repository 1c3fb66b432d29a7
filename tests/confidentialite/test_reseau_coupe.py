"""The ordinary command with the network cut: no socket is opened, by it or by its children."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commande import RACINE
from tests.pannes.campagne_saine import deposer

CROCHET = """
import sys

RESEAU = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
FAMILLES = (2, 10, 23, 30)  # IPv4, and IPv6 as Linux, Windows and macOS number it


def refuser(evenement, arguments):
    if evenement in RESEAU or (evenement == "socket.__new__" and arguments[1] in FAMILLES):
        sys.stderr.write("RESEAU INTERDIT : " + evenement + "\\n")
        sys.stderr.flush()
        raise OSError("réseau interdit par le test")


sys.addaudithook(refuser)
"""
"""Python runs `sitecustomize` in every process that it starts: the children are held to it too."""


@pytest.fixture
def sans_reseau(tmp_path: Path) -> dict[str, str]:
    crochet = tmp_path / "crochet"
    crochet.mkdir()
    (crochet / "sitecustomize.py").write_text(CROCHET, encoding="utf-8")
    return os.environ | {"PYTHONPATH": os.pathsep.join((str(crochet), str(RACINE)))}


def isoler(*commande: str) -> list[str]:
    """The command in a network of its own where the system gives one: what is not Python has no network either."""
    isolement = ["unshare", "--map-root-user", "--net"]
    possible = shutil.which("unshare") and subprocess.run([*isolement, "true"], capture_output=True, check=False)
    return [*(isolement if possible and possible.returncode == 0 else []), *commande]


def test_le_crochet_coupe_bien(sans_reseau: dict[str, str]) -> None:
    """Without this, the other test would pass on a hook that stops nothing."""
    for code in (
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('exemple.invalid', 80)",
        "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', 'import socket; socket.socket()']))",
    ):
        fin = subprocess.run([sys.executable, "-c", code], env=sans_reseau, capture_output=True, text=True, check=False)
        assert fin.returncode == 1
        assert "RESEAU INTERDIT" in fin.stderr


def test_un_bilan_se_fait_sans_reseau(tmp_path: Path, sans_reseau: dict[str, str]) -> None:
    commande = isoler(sys.executable, "-m", "flows", "bilan", "2025")
    dossiers = ["--entrees", str(deposer(tmp_path / "in")), "--sorties", str(tmp_path / "out")]
    fin = subprocess.run(
        [*commande, *dossiers], cwd=RACINE, env=sans_reseau, capture_output=True, text=True, check=False
    )
    assert fin.returncode == 0, fin.stderr[-2000:]
    assert "RESEAU INTERDIT" not in fin.stderr
    assert (tmp_path / "out" / "index.html").exists()
