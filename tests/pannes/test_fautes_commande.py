"""The real command killed, starved, shut out or doubled: what was published is intact, and the next run succeeds."""

import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from flows.publication.manifeste import verifier
from flows.publication.parution import dossier_du_refus, retablir
from flows.publication.registre import verifier_registre
from tests.commande import RACINE
from tests.pannes import corpus
from tests.pannes.campagne_saine import ANNEE, deposer

REGISTRE = "registre.jsonl"
ENTIER = [f".{ANNEE}.constat", ".versions", str(ANNEE), REGISTRE]
"""What stands beside the inputs when nothing is under way, the outputs among them."""
OCTETS_MAX = 2_000_000
ENTREPOT_COUPE = 16 << 20
"""Less than the warehouse of the small campaign, more than any file before it."""


@pytest.fixture(scope="module")
def publie(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, float]:
    """The inputs, the published outputs, and the seconds that a whole run takes."""
    dossier = tmp_path_factory.mktemp("fautes")
    entrees, sorties = deposer(dossier / "in"), dossier / "out" / str(ANNEE)
    debut = time.monotonic()
    assert finir(lancer(entrees, sorties))[0] == 0
    return entrees, sorties, time.monotonic() - debut


def lancer(
    entrees: Path, sorties: Path, avant: Callable[[], None] | None = None, *, refaire: bool = True
) -> subprocess.Popen[str]:
    """`gestion-flux bilan`, which can be killed with its children; all the work, even if nothing has changed."""
    commande = [sys.executable, "-m", "flows", "bilan", str(ANNEE), "--entrees", entrees, "--sorties", sorties]
    commande += ["--refaire"] if refaire else []
    return subprocess.Popen(
        commande,
        cwd=RACINE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        preexec_fn=avant,
    )


def finir(processus: subprocess.Popen[str]) -> tuple[int, str]:
    _, erreurs = processus.communicate(timeout=120)
    return processus.returncode, erreurs


def voisins(sorties: Path) -> list[str]:
    return sorted(chemin.name for chemin in sorties.parent.iterdir())


def test_kill_9_a_des_moments_au_hasard(publie: tuple[Path, Path, float]) -> None:
    """A few moments of a run: the old publication to the byte, or the new one whole; then a run that ends."""
    entrees, sorties, duree = publie
    hasard = random.Random(2025)
    tues = 0
    for _ in range(6):
        avant = corpus.photo(sorties)
        processus = lancer(entrees, sorties)
        time.sleep(hasard.uniform(0, duree))
        processus.send_signal(signal.SIGKILL)
        tues += finir(processus)[0] == -signal.SIGKILL
        retablir(sorties)
        assert corpus.photo(sorties) == avant or verifier(sorties) == []
    assert tues >= 2
    code, erreurs = finir(lancer(entrees, sorties))
    assert code == 0, erreurs
    assert verifier(sorties) == []
    assert voisins(sorties) == ENTIER
    assert not [a for a in verifier_registre(sorties.parent / REGISTRE) if a.gravite != "avertissement"]


def test_le_rapport_d_un_refus_s_en_va_quand_tout_est_corrige(publie: tuple[Path, Path, float]) -> None:
    """Out of date, it would mislead, even when nothing else is to be done; with a file of somebody's own, it stays."""
    entrees, sorties, _ = publie
    refus = dossier_du_refus(sorties)
    libelles = entrees / "reservataires.csv"
    sain = libelles.read_bytes()
    for note in ("", "à voir"):
        libelles.write_bytes(sain.replace(b"10,25", b"dix"))
        assert finir(lancer(entrees, sorties))[0] == 1
        assert (refus / "controles" / f"controles_{ANNEE}.csv").exists()
        if note:
            (refus / "note.txt").write_text(note)
        libelles.write_bytes(sain)
        assert finir(lancer(entrees, sorties, refaire=False))[0] == 0
        assert refus.exists() == bool(note)
    corpus.oublier(refus)


@pytest.mark.parametrize("octets", [OCTETS_MAX, ENTREPOT_COUPE])
def test_disque_plein(publie: tuple[Path, Path, float], octets: int) -> None:
    """While reading, and when the warehouse is closed, of which the engine would say nothing."""
    entrees, sorties, _ = publie
    avant = corpus.photo(sorties)
    plein = lancer(entrees, sorties, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets)))
    code, erreurs = finir(plein)
    assert code == 1
    assert "Un fichier dépasse la taille que cette session (ulimit -f)" in erreurs and "Traceback" not in erreurs
    assert corpus.photo(sorties) == avant
    assert voisins(sorties) == ENTIER


@pytest.mark.parametrize("niveau", ["sorties", "parent"])
def test_dossier_de_sortie_en_lecture_seule(publie: tuple[Path, Path, float], niveau: str) -> None:
    entrees, sorties, _ = publie
    avant = corpus.photo(sorties)
    ferme = sorties if niveau == "sorties" else sorties.parent
    ferme.chmod(0o555)
    try:
        code, erreurs = finir(lancer(entrees, sorties))
    finally:
        ferme.chmod(0o755)
    assert code == 1
    assert "lecture seule" in erreurs and "Traceback" not in erreurs
    assert corpus.photo(sorties) == avant


def test_deux_a_la_fois_la_seconde_dit_qui_a_la_main(publie: tuple[Path, Path, float]) -> None:
    entrees, sorties, _ = publie
    connus = set(voisins(sorties))
    premiere = lancer(entrees, sorties)
    limite = time.monotonic() + 60
    while set(voisins(sorties)) == connus:
        assert time.monotonic() < limite
        time.sleep(0.01)
    code, erreurs = finir(lancer(entrees, sorties))
    assert code == 1
    assert f"processus {premiere.pid}" in erreurs
    assert finir(premiere)[0] == 0
    assert verifier(sorties) == []
    assert voisins(sorties) == ENTIER


def test_un_shell_garde_l_entrepot_qu_il_a_ouvert(publie: tuple[Path, Path, float]) -> None:
    entrees, sorties, _ = publie
    requete = "select count(*) from bilan.evenements"
    with duckdb.connect(str(sorties / "flux.duckdb"), read_only=True) as shell, (sorties / "index.html").open() as page:
        compte = shell.execute(requete).fetchone()
        assert finir(lancer(entrees, sorties))[0] == 0
        assert shell.execute(requete).fetchone() == compte
        assert page.read()
    assert verifier(sorties) == []
    assert voisins(sorties) == ENTIER
