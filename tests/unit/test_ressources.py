"""What a run takes of the machine, and how the document processes share it."""

import io
import multiprocessing
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows import ressources
from flows.entrepot.connexion import connecter
from flows.livrables import equipe
from flows.livrables.contexte_annexe import exemples
from flows.livrables.modele_annexe import MODELES, charger_modele


@pytest.fixture
def cgroupes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(ressources, "_CGROUPES", tmp_path)
    for nom in (ressources.FILS, ressources.MEMOIRE):
        monkeypatch.delenv(nom, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(12)), raising=False)
    monkeypatch.setattr(ressources, "_memoire_machine", lambda: 64 * 1000**3)
    return tmp_path


def test_les_fils_sont_ceux_que_le_conteneur_permet(cgroupes: Path) -> None:
    assert ressources.fils() == 12
    (cgroupes / "cpu.max").write_text("max 100000\n")
    assert ressources.fils() == 12
    (cgroupes / "cpu.max").write_text("250000 100000\n")
    assert ressources.fils() == 3


def test_la_memoire_est_bornee_par_le_conteneur_puis_par_l_usage(cgroupes: Path) -> None:
    assert ressources.memoire() == ressources.MEMOIRE_USUELLE
    (cgroupes / "memory.max").write_text("1000000000\n")
    assert ressources.memoire() == 500_000_000
    (cgroupes / "memory.max").write_text("max\n")
    assert ressources.memoire() == ressources.MEMOIRE_USUELLE


def test_ce_qui_est_demande_l_emporte(cgroupes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ressources.FILS, "5")
    monkeypatch.setenv(ressources.MEMOIRE, "1,5 Go")
    assert (ressources.fils(), ressources.memoire()) == (5, 1_500_000_000)
    monkeypatch.setenv(ressources.FILS, "0")
    monkeypatch.setenv(ressources.MEMOIRE, "beaucoup")
    assert (ressources.fils(), ressources.memoire()) == (12, ressources.MEMOIRE_USUELLE)


@pytest.mark.parametrize("texte", ["", "2", "2 Gio", "-1Go", "100Mo", "Go"])
def test_une_taille_qui_ne_se_lit_pas_est_refusee(texte: str) -> None:
    with pytest.raises(ValueError, match="taille attendue"):
        ressources.octets(texte)


def test_la_taille_se_dit_en_francais() -> None:
    assert [ressources.en_mots(n) for n in (614_000_000, 1_249_000_000)] == ["614 Mo", "1,2 Go"]


def _noter(lot: list[str], dossier: Path) -> list[Path]:
    fichier = dossier / f"{lot[0]}-{os.getpid()}"
    fichier.write_text(f"{','.join(lot)} {os.environ.get(ressources.FILS)}")
    time.sleep(0.1)
    return [fichier]


def _echouer(lot: list[str], _dossier: Path) -> list[Path]:
    raise ValueError(lot[0])


def test_chaque_code_est_ecrit_une_fois_par_plusieurs_processus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ressources.FILS, "2")
    codes = [f"R{i:03d}" for i in range(40)]
    ecrits = equipe.repartir(_noter, codes, tmp_path)
    lus = [(*f.read_text().split(" "), f.name.split("-")[1] == str(os.getpid())) for f in ecrits]
    assert sorted(code for lot, _, _ in lus for code in lot.split(",")) == codes
    assert {(fils, ici) for _, fils, ici in lus} == {("1", False), ("2", True)}
    with pytest.raises(ValueError, match=r"R\d\d\d"):
        equipe.repartir(_echouer, codes, tmp_path)


def test_une_equipe_appelee_d_avance_sert_une_fois_puis_rentre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ressources.FILS, "2")
    codes = [f"R{i:03d}" for i in range(40)]
    with equipe.reunie():
        equipe.appeler(_noter)
        (appelee,) = multiprocessing.active_children()
        ecrits = equipe.repartir(_noter, codes, tmp_path, d_abord=lambda: _noter(["premier"], tmp_path))
        assert ecrits[0].name == f"premier-{os.getpid()}"
        assert {f.name.split("-")[1] for f in ecrits} == {str(os.getpid()), str(appelee.pid)}
        equipe.appeler(_noter)
        assert len(multiprocessing.active_children()) == 1
    assert not multiprocessing.active_children()
    with pytest.raises(ValueError, match="premier"):
        equipe.repartir(_noter, codes, tmp_path, d_abord=lambda: _echouer(["premier"], tmp_path))


def _s_attarder_ailleurs(lot: list[str], dossier: Path) -> list[Path]:
    if multiprocessing.parent_process() is not None:
        time.sleep(2)
    return _noter(lot, dossier)


def test_un_processus_libre_prend_le_lot_suivant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None waits for a lot that another, busy, would have put aside."""
    monkeypatch.setenv(ressources.FILS, "2")
    ecrits = equipe.repartir(_s_attarder_ailleurs, [f"R{i:03d}" for i in range(40)], tmp_path)
    assert [f.name.split("-")[1] == str(os.getpid()) for f in ecrits] == [True, True, True, False]


def test_une_equipe_dont_le_parent_est_tue_finit_avec_lui(tmp_path: Path) -> None:
    """SIGKILL tells nobody: each process sees by itself that its parent is gone."""
    code = (
        "from pathlib import Path; from flows.livrables import equipe; "
        "from tests.unit.test_ressources import _attendre; "
        f"equipe.repartir(_attendre, [str(i) for i in range(40)], Path({str(tmp_path)!r}))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, ressources.FILS: "2"})
    _jusqu_a(lambda: len(list(tmp_path.iterdir())) >= 2)
    parent.kill()
    parent.wait()
    enfants = [int(f.name) for f in tmp_path.iterdir() if int(f.name) != parent.pid]
    assert enfants
    _jusqu_a(lambda: not any(Path(f"/proc/{enfant}").exists() for enfant in enfants))


def _attendre(_lot: list[str], dossier: Path) -> list[Path]:
    (dossier / str(os.getpid())).touch()
    time.sleep(60)
    return []


def _jusqu_a(vrai: Callable[[], bool]) -> None:
    fin = time.monotonic() + 30
    while not vrai():
        assert time.monotonic() < fin
        time.sleep(0.05)


def test_une_annexe_ne_garde_rien_de_la_precedente() -> None:
    """The document opened once begins again each time from the file: titles, headers and notes too."""
    pleine, vide = exemples()
    modele = charger_modele(MODELES / "boulbon.docx")
    jour = date(2025, 12, 31)
    premiere = modele.remplir(vide, "Un {{ titre }}", jour)
    modele.remplir(pleine, "{% autre %}", jour)
    assert modele.remplir(vide, "Un {{ titre }}", jour) == premiere
    assert zipfile.is_zipfile(io.BytesIO(premiere))


def test_le_moteur_a_bien_les_reglages_demandes(tmp_path: Path) -> None:
    with connecter(tmp_path / "flux.duckdb") as con:
        lus = con.execute(
            "select current_setting('default_block_size'), current_setting('autoload_known_extensions'), "
            "current_setting('preserve_insertion_order')"
        ).fetchone()
    assert lus == (65536, False, True)
