"""The wheel: all that the command needs is in it, and it works from a folder that is not the project's."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

RACINE = Path(__file__).resolve().parents[2]
SANS_PREFECT = """
import sys
sys.modules.update(dict.fromkeys(("prefect", "sqlalchemy", "fastapi")))
from flows.commande.principale import main
sys.exit(main(sys.argv[1:]))
"""
"""The command where the light lock is installed: these three cannot be imported."""
LIVRES = {"sql": "flows/sql", "templates": "flows/templates", "data/raw/exemple": "flows/donnees_exemple"}


@pytest.fixture(scope="module")
def roue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources: the checkout stays as it is."""
    travail = tmp_path_factory.mktemp("roue")
    sources = travail / "sources"
    sources.mkdir()
    for nom in ("flows", "sql", "templates", "data/raw/exemple"):
        shutil.copytree(RACINE / nom, sources / nom, ignore=shutil.ignore_patterns("__pycache__"))
    for nom in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(RACINE / nom, sources)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "-q"]
    _python("-m", "pip", "wheel", *options, "-w", str(travail), str(sources), dossier=travail)
    return next(travail.glob("*.whl"))


def _python(*arguments: str, dossier: Path, chemin: Path | None = None) -> str:
    environnement = {nom: valeur for nom, valeur in os.environ.items() if nom != "PYTHONPATH"}
    if chemin:
        environnement["PYTHONPATH"] = str(chemin)
    commande = [sys.executable, *arguments]
    faite = subprocess.run(commande, cwd=dossier, env=environnement, capture_output=True, text=True, timeout=300)
    assert faite.returncode == 0, faite.stdout + faite.stderr
    return faite.stdout


def test_tout_ce_que_lit_la_commande_est_dans_la_roue(roue: Path) -> None:
    with zipfile.ZipFile(roue) as archive:
        noms = set(archive.namelist())
        for ici, dedans in LIVRES.items():
            fichiers = [f for f in (RACINE / ici).rglob("*") if f.is_file() and f.suffix != ".py"]
            assert fichiers
            for fichier in fichiers:
                assert archive.read(f"{dedans}/{fichier.relative_to(RACINE / ici).as_posix()}") == fichier.read_bytes()
    attendus = {f.relative_to(RACINE).as_posix() for f in (RACINE / "flows").rglob("*") if f.suffix in (".py", ".csv")}
    assert attendus <= noms
    assert not [nom for nom in noms if nom.startswith(("tests/", "benchmarks/"))]
    assert any(nom.endswith("licenses/LICENSE") for nom in noms)


def test_elle_marche_depuis_un_autre_dossier(roue: Path, tmp_path: Path, exemple_publie: tuple[Path, str]) -> None:
    """Installed apart, without network nor Prefect: the example is written, then its bilan, as files of the same bytes.

    `--suivi`, which wants Prefect, says so and what to do.
    """
    cible, ailleurs = tmp_path / "installee", tmp_path / "chez le bailleur"
    ailleurs.mkdir()
    _python(
        "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(cible), str(roue), dossier=tmp_path
    )
    ou = _python("-c", "import flows; print(flows.__file__)", dossier=ailleurs, chemin=cible)
    assert Path(ou.strip()).is_relative_to(cible)
    _python("-m", "flows", "exemple", "data/raw/2025", dossier=ailleurs, chemin=cible)
    un_seul = ("bilan", "2025", "--reservataire", "BASTIA")
    _python("-c", SANS_PREFECT, *un_seul, dossier=ailleurs, chemin=cible)
    dossiers = [d / "bilan" / "BASTIA" for d in (ailleurs / "data/out/2025", exemple_publie[0])]
    ecrits, temoins = ({f.name: f.read_bytes() for f in d.iterdir()} for d in dossiers)
    assert len(ecrits) >= 5
    assert ecrits == temoins
    with pytest.raises(AssertionError, match=r"requirements\.lock"):
        _python("-c", SANS_PREFECT, "bilan", "2025", "--suivi", dossier=ailleurs, chemin=cible)
