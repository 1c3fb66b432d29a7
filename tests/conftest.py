"""What several folders of tests share: the published example, made once for all the processes that pytest may use."""

import os
from pathlib import Path

import pytest
from filelock import FileLock

from flows.chemins import EXEMPLE
from tests.commande import gestion_flux


@pytest.fixture(scope="session")
def exemple_publie(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the real command published the example, to be read only, and what it printed."""
    commun = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        commun = commun.parent
    sorties, dit = commun / "exemple_publie" / "2025", commun / "exemple_publie.txt"
    with FileLock(commun / "exemple_publie.verrou"):
        if not dit.exists():
            fin = gestion_flux("bilan", 2025, "--entrees", EXEMPLE, "--sorties", sorties)
            dit.write_text(fin.stderr + fin.stdout, encoding="utf-8")
    return sorties, dit.read_text(encoding="utf-8")
