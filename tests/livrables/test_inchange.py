"""A run with nothing to do says so and stops; at the least doubt it is done whole."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows import bilan as flux
from flows.campagne import Campagne
from flows.chemins import GABARITS, MANIFESTE
from flows.fichiers import FichierRecu
from flows.publication import inchange
from tests.livrables.test_commande_etat_des_lieux import deposer, empreintes
from tests.modeles.harnais import cas

LOURDES = {"duckdb", "polars", "pyarrow", "xlsxwriter", "jinja2", "docx", "babel", "fastexcel", "prefect", "openpyxl"}


def lancer(racine: Path, *options: str) -> tuple[str, set[str]]:
    """The command as a process of its own; what it says, and which heavy libraries it imported."""
    code = (
        "import sys; from flows.commande.principale import main; code = main(sys.argv[1:]); "
        f"print('IMPORTS', *({LOURDES!r} & sys.modules.keys())); sys.exit(code)"
    )
    entrees, sorties = str(racine / "entrees"), str(racine / "2025")
    verbe = ["bilan", "2025", "--entrees", entrees, "--sorties", sorties, *options]
    faite = subprocess.run([sys.executable, "-c", code, *verbe], capture_output=True, text=True, encoding="utf-8")
    assert faite.returncode == 0, faite.stderr
    dit, _, imports = faite.stdout.partition("IMPORTS")
    return dit, set(imports.split())


@pytest.fixture(scope="module")
def publiee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    racine = tmp_path_factory.mktemp("inchange")
    deposer(racine / "entrees", cas("etat_des_lieux"))
    dit, _ = lancer(racine)
    assert "bilans écrits" in dit and "au plus)" in dit
    return racine


@pytest.fixture
def racine(publiee: Path, tmp_path: Path) -> Path:
    """A copy of the published campaign, as its own run left it."""
    copie = tmp_path / "copie"
    shutil.copytree(publiee, copie)
    demande = campagne(copie)
    debut = inchange.relever(demande)
    ancien = json.loads((publiee / ".2025.constat").read_text(encoding="utf-8"))
    recus = [FichierRecu(n, demande.entrees / n, "", 0, sha) for n, sha in ancien["lus"].items()]
    inchange.retenir(demande, debut, recus, ancien["faits"])
    return copie


def campagne(racine: Path, **autres: object) -> Campagne:
    return Campagne(2025, racine / "entrees", racine / "2025", **autres)  # type: ignore[arg-type]


def test_rien_a_faire_se_dit_sans_rien_charger(publiee: Path) -> None:
    avant = empreintes(publiee / "2025")
    dit, imports = lancer(publiee)
    assert dit.startswith("Inchangé") and "lignes lues" in dit and not imports
    assert empreintes(publiee / "2025") == avant
    derniere = json.loads((publiee / "registre.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert derniere["evenement"] == "inchange"


def test_ce_qu_une_execution_tuee_a_laisse_s_en_va(racine: Path) -> None:
    (racine / ".2025.chantier-1" / ".travail").mkdir(parents=True)
    assert inchange.constater(campagne(racine)) is not None
    assert not [c.name for c in racine.iterdir() if "chantier" in c.name or c.suffix in (".verrou", ".titulaire")]


def _ligne(racine: Path) -> None:
    chemin = racine / "entrees" / "droits.csv"
    octets = chemin.read_bytes()
    etat = chemin.stat()
    chemin.write_bytes(octets[:-3] + bytes([octets[-3] ^ 1]) + octets[-2:])
    os.utime(chemin, ns=(etat.st_atime_ns, etat.st_mtime_ns))


def _fichier_de_plus(racine: Path) -> None:
    (racine / "entrees" / "sne_2025.csv").write_text("nud\n", encoding="utf-8")


def _sortie_modifiee(racine: Path) -> None:
    chemin = next((racine / "2025" / "bilan").rglob("flux_*.csv"))
    etat = chemin.stat()
    chemin.write_bytes(chemin.read_bytes()[::-1])
    os.utime(chemin, ns=(etat.st_atime_ns, etat.st_mtime_ns))


def _sortie_supprimee(racine: Path) -> None:
    next((racine / "2025" / "bilan").rglob("*.xlsx")).unlink()


def _sortie_de_plus(racine: Path) -> None:
    (racine / "2025" / "bilan" / "notes.txt").write_text("à moi", encoding="utf-8")


def _manifeste(racine: Path) -> None:
    chemin = racine / "2025" / MANIFESTE
    chemin.write_bytes(chemin.read_bytes() + b"\n")


def _objectif_de_l_annee_d_avant(racine: Path) -> None:
    dossier = racine / "2024" / "bilan" / "X"
    dossier.mkdir(parents=True)
    (dossier / "flux_2025_X.csv").write_text("annee;ligne;valeur\n", encoding="utf-8")


def _echange_interrompu(racine: Path) -> None:
    (racine / ".2025.precedent").mkdir()


def _constat_abime(racine: Path) -> None:
    (racine / ".2025.constat").write_text("{", encoding="utf-8")


@pytest.mark.parametrize(
    "changer",
    [
        *(_ligne, _fichier_de_plus, _sortie_modifiee, _sortie_supprimee, _sortie_de_plus, _manifeste),
        *(_objectif_de_l_annee_d_avant, _echange_interrompu, _constat_abime),
    ],
)
def test_au_moindre_changement_tout_est_refait(racine: Path, changer: Callable[[Path], None]) -> None:
    assert inchange.constater(campagne(racine)) is not None
    changer(racine)
    assert inchange.constater(campagne(racine)) is None
    assert not inchange.gabarits_seuls(campagne(racine), inchange.relever(campagne(racine)))


def test_une_autre_demande_n_est_pas_la_meme(racine: Path) -> None:
    assert inchange.constater(campagne(racine)) is not None
    for autres in ({"reservataires": ("A",)}, {"options": (("public", "5"),)}, {"refaire": True}):
        assert inchange.constater(campagne(racine, **autres)) is None


def test_une_regle_modifiee_refait_tout_un_gabarit_les_documents(racine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demande = campagne(racine)
    gabarits = racine / "templates"
    shutil.copytree(GABARITS, gabarits)
    monkeypatch.setattr(inchange, "GABARITS", gabarits)
    assert inchange.constater(demande) is not None
    theme = gabarits / "theme.toml"
    theme.write_bytes(theme.read_bytes() + b"\n# un mot\n")
    assert inchange.constater(demande) is None
    assert inchange.gabarits_seuls(demande, inchange.relever(demande))
    avant = empreintes(racine / "2025")
    monkeypatch.setattr(flux, "preparer", None)
    rendu = flux.bilan(demande)
    assert empreintes(racine / "2025") == avant
    assert inchange.constater(demande) == rendu.faits
    (racine / "sql").mkdir()
    monkeypatch.setattr(inchange, "SQL", racine / "sql")
    assert not inchange.gabarits_seuls(demande, inchange.relever(demande))


def test_un_fichier_ajoute_pendant_l_execution_est_vu_par_la_suivante(racine: Path) -> None:
    demande = campagne(racine)
    debut = inchange.relever(demande)
    _fichier_de_plus(racine)
    inchange.retenir(demande, debut, [], {})
    assert inchange.constater(demande) is None
