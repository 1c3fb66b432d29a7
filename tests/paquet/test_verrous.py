"""The locks: what pyproject asks is pinned with hashes, no registry is written, the light one goes without Prefect."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

RACINE = Path(__file__).resolve().parents[2]
PROJET = tomllib.loads((RACINE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERROUS = {
    "requirements.lock": ("suivi",),
    "requirements-dev.lock": ("suivi", "dask", "dev"),
    "requirements-leger.lock": (),
}


def _norme(nom: str) -> str:
    return re.sub(r"[-_.]+", "-", nom).lower()


def _fige(verrou: str) -> dict[str, str]:
    texte = (RACINE / verrou).read_text(encoding="utf-8")
    return {_norme(nom): version for nom, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", texte, re.MULTILINE)}


@pytest.mark.parametrize(("verrou", "extras"), VERROUS.items())
def test_tout_ce_que_demande_le_projet_est_fige(verrou: str, extras: tuple[str, ...]) -> None:
    demandes = [*PROJET["dependencies"], *(d for e in extras for d in PROJET["optional-dependencies"][e])]
    noms = {_norme(re.split(r"[<>=!~;\[ ]", d)[0]) for d in demandes}
    fige = _fige(verrou)
    assert noms <= fige.keys()
    assert ("prefect" in fige) == ("suivi" in extras)
    texte = (RACINE / verrou).read_text(encoding="utf-8")
    assert texte.count("==") <= texte.count("--hash=sha256:")
    assert "://" not in texte and "--index-url" not in texte


@pytest.mark.parametrize("verrou", [v for v, extras in VERROUS.items() if "suivi" in extras])
def test_un_nom_demande_avec_un_extra_est_aussi_fige_avec_lui(verrou: str) -> None:
    """pip 23 and 24 look for the hashes of `sqlalchemy` and of `sqlalchemy[asyncio]`: both have their line."""
    texte = (RACINE / verrou).read_text(encoding="utf-8")
    blocs = [
        re.findall(rf"^{re.escape(nom)}==.*(?:\n    .*)*", texte, re.M) for nom in ("sqlalchemy", "sqlalchemy[asyncio]")
    ]
    (nu,), (avec,) = ([re.sub(r"^[^=]+|#.*", "", bloc) for bloc in trouves] for trouves in blocs)
    assert re.findall(r"==\S+|sha256:\w+", nu) == re.findall(r"==\S+|sha256:\w+", avec)
    assert nu.count("sha256:") > 1


def test_les_verrous_disent_la_meme_version() -> None:
    dev = _fige("requirements-dev.lock")
    for verrou in VERROUS:
        assert _fige(verrou).items() <= dev.items()


def test_chaque_dependance_dit_sa_raison() -> None:
    texte = (RACINE / "pyproject.toml").read_text(encoding="utf-8")
    listes = [PROJET["dependencies"], *PROJET["optional-dependencies"].values()]
    for demande in (d for liste in listes for d in liste):
        assert re.search(rf'"{re.escape(demande)}", +# .{{4,}}', texte), demande


def test_chaque_paquet_d_une_installation_legere_a_sa_raison_et_sa_licence() -> None:
    texte = (RACINE / "docs" / "dependances.md").read_text(encoding="utf-8")
    paquets = set(re.findall(r"^([a-z0-9._-]+)==", (RACINE / "requirements-leger.lock").read_text(), re.MULTILINE))
    assert f"({len(paquets)} paquets)" in texte
    dits = set(
        re.findall(r"[a-z0-9._-]+", " ".join(ligne.split("|")[1] for ligne in texte.splitlines() if ligne[:2] == "| "))
    )
    assert sorted(paquets - dits) == []


SANS_HEURE = """
import sys
sys.modules["tzdata"] = None
from flows import echange_als, paris
from flows.anomalies import MauvaisUsage
from flows.vie import historique
try:
    paris.zone()
except MauvaisUsage as erreur:
    print(erreur)
"""


def test_l_heure_de_paris_est_dans_chaque_verrou_pour_windows_et_rien_ne_la_demande_trop_tot() -> None:
    """Windows has no time zones: without `tzdata` even `historique` could not be imported."""
    for verrou in VERROUS:
        assert re.search(
            r"^tzdata==\S+ ; .*sys_platform == 'win32'", (RACINE / verrou).read_text("utf-8"), re.MULTILINE
        )
    # PYTHONTZPATH names no folder, as Windows has none
    env = os.environ | {"PYTHONTZPATH": "", "PYTHONPATH": str(RACINE)}
    fin = subprocess.run([sys.executable, "-c", SANS_HEURE], env=env, capture_output=True, text=True, encoding="utf-8")
    assert fin.returncode == 0 and "installez le paquet tzdata" in fin.stdout, fin.stderr
