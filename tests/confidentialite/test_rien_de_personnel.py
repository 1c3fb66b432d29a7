"""After the real commands on the example: nobody in any table, log, report, file name or temporary file."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.commande import RACINE
from tests.confidentialite.fouille import fouiller, personnes

EXEMPLE = RACINE / "data" / "raw" / "exemple"
TEMOIN = Path(__file__).with_name("temoin.py")


@pytest.fixture(scope="module")
def cherches() -> set[str]:
    """What names somebody; not the dates that dwellings have too: first days of months, dates of the other tables."""
    trouves = {texte for texte in personnes(EXEMPLE) if not re.fullmatch(r"01/\d\d/\d{4}|\d{4}-\d\d-01", texte)}
    autres = fouiller(EXEMPLE, trouves)
    return trouves - set().union(*(vus for nom, vus in autres.items() if not nom.startswith(("attributions", "sne"))))


def lancer(dossier: Path, *arguments: str, cle: str = "") -> Path:
    """Runs a command, `dossier` for its outputs, its journals, its temporary files and their copies."""
    (dossier / "tmp").mkdir(parents=True)
    fin = subprocess.run(
        [sys.executable, str(TEMOIN), str(dossier / "copies"), *arguments, "--sorties", str(dossier / "out" / "2025")],
        cwd=RACINE,
        env=os.environ | {"TMPDIR": str(dossier / "tmp"), "PYTHONPATH": str(RACINE), "GESTION_FLUX_CLE": cle},
        capture_output=True,
        check=False,
    )
    (dossier / "journal.txt").write_bytes(fin.stdout + fin.stderr)
    assert fin.returncode == 0, fin.stderr.decode()[-2000:]
    return dossier


def test_la_fouille_trouve_ce_qui_y_est(cherches: set[str]) -> None:
    """Without this, the other tests would pass on a search that sees nothing."""
    assert {"FICTIF-0001", "Prénom-0001", "FICTIF000000000001", "fictif.0001@exemple.invalid"} <= cherches
    for ecriture in (r"FICTIF\d{12}", r"\d\d/\d\d/(19|20)\d\d", r"(19|20)\d\d-\d\d-\d\d", r"999000\d{8}"):
        assert sum(re.fullmatch(ecriture, texte) is not None for texte in cherches) >= 5, ecriture
    vus = fouiller(EXEMPLE, cherches)
    assert {"attributions_t1.csv", "attributions_t2.xlsx", "sne.csv"} <= set(vus)
    assert len(vus["attributions_t2.xlsx"]) > 500


def test_un_bilan_ne_laisse_personne(tmp_path: Path, cherches: set[str]) -> None:
    dossier = lancer(tmp_path, "bilan", "2025", "--entrees", str(EXEMPLE))
    # the witness did see the work files go, those of the two files of attributions among them
    assert len(list((dossier / "copies").rglob("feuilles/*.arrow"))) >= 14
    assert fouiller(dossier, cherches) == {}


def test_l_echange_ne_laisse_personne_en_clair(tmp_path: Path, cherches: set[str]) -> None:
    cle = Fernet.generate_key().decode()
    dossier = lancer(tmp_path, "dcp", "2025", "--entrees", str(EXEMPLE), cle=cle)
    assert len(list((dossier / "out").rglob("*.chiffre"))) == 4
    assert fouiller(dossier, cherches | {cle}) == {}
