"""Publication under faults: whatever happens, what was published is intact and the next run succeeds."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from pilote import executer

from flows.anomalies import ArretBloquant
from flows.campagne import Campagne
from flows.publication.manifeste import verifier
from flows.publication.parution import chantier, retablir
from flows.publication.registre import chemin_registre, verifier_registre

ICI = Path(__file__).parent
PILOTE = ICI / "pilote.py"
Photo = dict[str, bytes]


MONTER, DEMONTER, A_PART = (shutil.which(outil) or "" for outil in ("mount", "umount", "unshare"))


def montable() -> bool:
    """Whether a small disk of our own can be mounted here (root only)."""
    if not (MONTER and DEMONTER and A_PART):
        return False
    essai = subprocess.run([A_PART, "-m", MONTER, "-t", "tmpfs", "essai", "/mnt"], capture_output=True)
    return essai.returncode == 0


DISQUES = ["limite", "tmpfs"] if montable() else ["limite"]


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "rpls_2025.csv").write_text("ident_rep;depcom\n1;2A004\n2;2B033\n3;\n")
    return tmp_path


@pytest.fixture
def petit_disque(dossier: Path) -> Iterator[Path]:
    (dossier / "out").mkdir()
    subprocess.run([MONTER, "-t", "tmpfs", "-o", "size=3m", "petit", str(dossier / "out")], check=True)
    yield dossier
    subprocess.run([DEMONTER, str(dossier / "out")], check=True)


def lancer(dossier: Path, version: str, *options: str) -> subprocess.Popen[str]:
    commande = [sys.executable, str(PILOTE), str(dossier), version, *options]
    return subprocess.Popen(commande, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finir(processus: subprocess.Popen[str]) -> tuple[int, str]:
    sortie, _ = processus.communicate(timeout=60)
    return processus.returncode, sortie


def attendre(fichier: Path) -> None:
    limite = time.monotonic() + 30
    while not fichier.exists():
        assert time.monotonic() < limite, f"{fichier.name} never came"
        time.sleep(0.002)


def photo(dossier: Path) -> Photo:
    sorties = dossier / "out" / "2025"
    return {str(p.relative_to(sorties)): p.read_bytes() for p in sorties.rglob("*") if p.is_file()}


def voisins(dossier: Path) -> list[str]:
    return sorted(chemin.name for chemin in (dossier / "out").iterdir())


def version_publiee(dossier: Path) -> str:
    sorties = dossier / "out" / "2025"
    assert verifier(sorties) == []
    return (sorties / "index.html").read_text()


def test_kill_9_a_des_moments_au_hasard(dossier: Path) -> None:
    executer(dossier, "v0")
    hasard = random.Random(2025)
    debut = time.monotonic()
    assert finir(lancer(dossier, "mesure", "--pause", "0.02"))[0] == 0
    duree = time.monotonic() - debut
    tues = 0
    for numero in range(30):
        avant, attente = photo(dossier), dossier / "attente"
        attente.unlink(missing_ok=True)
        processus = lancer(dossier, f"v{numero}", "--pause", "0.02", "--attente", str(attente))
        attendre(attente)
        time.sleep(hasard.uniform(0, duree))
        processus.kill()
        tues += finir(processus)[0] == -signal.SIGKILL
        retablir(dossier / "out" / "2025")
        assert photo(dossier) == avant or version_publiee(dossier) == f"v{numero}"
        if numero % 10 == 9:
            executer(dossier, f"reprise{numero}")
            assert version_publiee(dossier) == f"reprise{numero}"
            assert voisins(dossier) == ["2025", "registre.jsonl"]
    assert tues >= 10


@pytest.mark.parametrize("premiere", [1, 2, 3])
def test_kill_9_a_chacune_des_operations_sur_les_fichiers(dossier: Path, premiere: int) -> None:
    commande = [sys.executable, str(ICI / "ruptures.py"), str(dossier), str(premiere), "3"]
    fini = subprocess.run(commande, capture_output=True, text=True, timeout=300)
    assert fini.returncode == 0, fini.stderr
    assert int(fini.stdout) >= 40
    graves = [a for a in verifier_registre(dossier / "out" / "registre.jsonl") if a.gravite != "avertissement"]
    assert graves == []


@pytest.mark.parametrize("moyen", DISQUES)
@pytest.mark.parametrize("gros", ["classeur", "entrepot"])
def test_disque_plein(request: pytest.FixtureRequest, moyen: str, gros: str) -> None:
    dossier: Path = request.getfixturevalue("petit_disque" if moyen == "tmpfs" else "dossier")
    limite = ["--limite", "3000000"] if moyen == "limite" else []
    trop = ["--octets", "8000000"] if gros == "classeur" else ["--lignes", "600000"]
    assert finir(lancer(dossier, "v0", *limite)) == (0, "")
    avant = photo(dossier)
    code, dit = finir(lancer(dossier, "v1", *limite, *trop))
    assert (code, dit.split(":")[0]) == (1, "ecriture_impossible"), dit
    assert ("ulimit -f" if moyen == "limite" else "plein") in dit and "Traceback" not in dit
    assert photo(dossier) == avant
    assert voisins(dossier) == ["2025", "registre.jsonl"]
    assert finir(lancer(dossier, "v2", *limite)) == (0, "")
    assert version_publiee(dossier) == "v2"


@pytest.mark.parametrize("ferme", ["out/2025", "out"])
def test_dossier_de_sortie_en_lecture_seule(dossier: Path, ferme: str) -> None:
    executer(dossier, "v0")
    avant = photo(dossier)
    (dossier / ferme).chmod(0o555)
    code, dit = finir(lancer(dossier, "v1"))
    (dossier / ferme).chmod(0o755)
    assert (code, dit.split(":")[0]) == (1, "sorties_en_lecture_seule")
    assert photo(dossier) == avant
    assert voisins(dossier) == ["2025", "registre.jsonl"]


@pytest.mark.parametrize("obstacle", ["out/2025", "out"])
def test_un_fichier_a_la_place_du_dossier(dossier: Path, obstacle: str) -> None:
    (dossier / obstacle).parent.mkdir(exist_ok=True)
    (dossier / obstacle).write_text("un fichier de quelqu'un")
    code, dit = finir(lancer(dossier, "v1"))
    assert (code, dit.split(":")[0]) == (1, "sorties_pas_un_dossier")
    assert (dossier / obstacle).read_text() == "un fichier de quelqu'un"


def test_deux_executions_a_la_fois_la_seconde_dit_qui_a_la_main(dossier: Path) -> None:
    attente = dossier / "attente"
    premiere = lancer(dossier, "v1", "--pause", "1", "--attente", str(attente))
    attendre(attente)
    debut = time.monotonic()
    code, dit = finir(lancer(dossier, "v2"))
    assert time.monotonic() - debut < 2
    assert (code, dit.split(":")[0]) == (1, "deja_en_cours")
    assert f"processus {premiere.pid}" in dit and os.uname().nodename in dit
    assert finir(premiere) == (0, "")
    assert version_publiee(dossier) == "v1"
    assert voisins(dossier) == ["2025", "registre.jsonl"]


def test_huit_executions_a_la_fois_se_suivent_ou_renoncent(dossier: Path) -> None:
    executer(dossier, "v0")
    fins = [finir(processus) for processus in [lancer(dossier, f"v{n}", "--pause", "0.05") for n in range(8)]]
    assert {code for code, _ in fins} <= {0, 1}
    assert any(code == 0 for code, _ in fins)
    assert version_publiee(dossier).startswith("v")
    assert voisins(dossier) == ["2025", "registre.jsonl"]
    assert verifier_registre(dossier / "out" / "registre.jsonl") == []


@pytest.mark.parametrize("lecture_seule", [True, False])
def test_un_shell_qui_tient_l_entrepot_continue_de_lire_l_ancien(dossier: Path, lecture_seule: bool) -> None:
    executer(dossier, "v0")
    shell = f"""
import duckdb, sys
base = duckdb.connect({str(dossier / "out" / "2025" / "flux.duckdb")!r}, read_only={lecture_seule})
page = open({str(dossier / "out" / "2025" / "index.html")!r})
print("pret", flush=True)
sys.stdin.readline()
print(base.sql("select distinct version from bilan.mesures").fetchall()[0][0], page.read())
"""
    commande = [sys.executable, "-c", shell]
    analyste = subprocess.Popen(commande, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert analyste.stdout is not None and analyste.stdout.readline() == "pret\n"
    assert finir(lancer(dossier, "v1")) == (0, "")
    assert version_publiee(dossier) == "v1"
    assert analyste.communicate("\n", timeout=30)[0] == "v0 v0\n"
    assert voisins(dossier) == ["2025", "registre.jsonl"]


@pytest.mark.parametrize("refus", [1, 2])
def test_windows_refuse_de_deplacer_un_dossier_ouvert(
    dossier: Path, monkeypatch: pytest.MonkeyPatch, refus: int
) -> None:
    executer(dossier, "v0")
    avant, renommer, appels = photo(dossier), Path.rename, []

    def refuser(source: Path, cible: Path) -> Path:
        appels.append(source)
        if len(appels) == refus:
            raise PermissionError(13, "The process cannot access the file", str(source))
        return renommer(source, cible)

    with monkeypatch.context() as rapiece:
        rapiece.setattr(Path, "rename", refuser)
        with pytest.raises(ArretBloquant) as arret:
            executer(dossier, "v1")
    assert [anomalie.code for anomalie in arret.value.anomalies] == ["sorties_occupees"]
    assert photo(dossier) == avant
    assert voisins(dossier) == ["2025", "registre.jsonl"]
    executer(dossier, "v1")
    assert version_publiee(dossier) == "v1"


def test_une_horloge_qui_recule_est_notee_et_ne_change_rien(dossier: Path) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        executer(dossier, "v0")
    with time_machine.travel(datetime(2026, 3, 1, 11, tzinfo=UTC), tick=False):
        executer(dossier, "v1")
    premier = photo(dossier)["manifeste.json"]
    assert version_publiee(dossier) == "v1"
    derniere = json.loads(chemin_registre(dossier / "out" / "2025").read_text().splitlines()[-1])
    assert derniere["recul_horloge_s"] == 3600
    assert [a.code for a in verifier_registre(dossier / "out" / "registre.jsonl")] == ["horloge_reculee"]
    executer(dossier, "v1")
    assert photo(dossier)["manifeste.json"] == premier


def test_une_erreur_de_programme_n_est_pas_deguisee(dossier: Path) -> None:
    executer(dossier, "v0")
    avant = photo(dossier)
    with pytest.raises(ZeroDivisionError), chantier(Campagne(2025, dossier / "in", dossier / "out" / "2025")) as lieu:
        (lieu / "index.html").write_text("v1")
        raise ZeroDivisionError
    assert photo(dossier) == avant
    assert voisins(dossier) == ["2025", "registre.jsonl"]
