"""What the real command says is true: interrupted, its outputs closed, the register out of reach, an error of ours."""

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flows.publication.manifeste import verifier
from tests.commande import RACINE, gestion_flux
from tests.pannes.campagne_saine import ANNEE, deposer

PUBLIE = "Les sorties sont publiées, entières"
PR_CAPBSET_DROP, CAP_SYS_RESOURCE = 24, 24
INTACT = "Rien n'est publié, les sorties précédentes sont intactes."


@pytest.fixture
def campagne(tmp_path: Path) -> tuple[Path, Path]:
    return deposer(tmp_path / "in"), tmp_path / "out" / str(ANNEE)


def lancer(campagne: tuple[Path, Path], *options: str, code: str = "", **flux: Any) -> subprocess.Popen[str]:
    """`gestion-flux bilan`, after `code` when there is some; stdout and stderr are pipes unless said otherwise."""
    entrees, sorties = campagne
    commande = ["bilan", str(ANNEE), "--entrees", str(entrees), "--sorties", str(sorties), *options]
    programme = f"import sys\nfrom flows.commande.principale import main\n{code}\nsys.exit(main(sys.argv[1:]))"
    tuyaux = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | flux
    return subprocess.Popen([sys.executable, "-c", programme, *commande], cwd=RACINE, text=True, **tuyaux)


def apres(execution: subprocess.Popen[str], etape: str, faire: Callable[[], object]) -> tuple[int, str]:
    """Does something as soon as a step is over; gives the exit code and what was said on the error output."""
    lues = []
    for ligne in execution.stderr or ():
        lues.append(ligne)
        if etape in ligne:
            faire()
    execution.wait(timeout=60)
    return execution.returncode, "".join(lues)


@pytest.mark.parametrize("numero", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_une_interruption_enleve_le_dossier_de_travail_et_le_dit(campagne: tuple[Path, Path], numero: int) -> None:
    # the suite itself may have been started by nohup, which its children inherit
    execution = lancer(campagne, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
    code, erreurs = apres(execution, "Chargement", lambda: execution.send_signal(numero))
    assert code == 1
    assert f"Interrompu : le dossier de travail est supprimé. {INTACT}" in erreurs
    assert "Traceback" not in erreurs
    assert [chemin.name for chemin in campagne[1].parent.iterdir()] == ["registre.jsonl"]


def test_interrompue_une_fois_publiee_elle_dit_que_c_est_publie(campagne: tuple[Path, Path]) -> None:
    execution = lancer(campagne, code="import flows.publication.registre as r; import time\n"
                       "r.faits_publies = lambda sorties: time.sleep(30)")  # fmt: skip
    code, erreurs = apres(execution, "Publication", lambda: execution.send_signal(signal.SIGTERM))
    assert code == 1
    assert PUBLIE in erreurs and "Rien n'est publié" not in erreurs
    assert verifier(campagne[1]) == []
    assert not [c for c in campagne[1].parent.iterdir() if c.name.startswith(".")]


def test_nohup_garde_son_effet(campagne: tuple[Path, Path]) -> None:
    """A signal that was ignored before us stays ignored."""
    execution = lancer(campagne, code="import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    code, erreurs = apres(execution, "Chargement", lambda: execution.send_signal(signal.SIGHUP))
    assert (code, "Interrompu" in erreurs) == (0, False)
    assert verifier(campagne[1]) == []


@pytest.mark.parametrize("sortie", ["lue par personne", "pleine", "fermee"])
def test_une_sortie_qui_n_ecoute_plus_ne_change_ni_le_travail_ni_le_code(
    campagne: tuple[Path, Path], sortie: str
) -> None:
    if sortie == "lue par personne":
        lecture, ecriture = os.pipe()
        os.close(lecture)
    else:
        ecriture = os.open("/dev/full", os.O_WRONLY)
    fermer = (lambda: os.close(1)) if sortie == "fermee" else None
    execution = lancer(campagne, stdout=ecriture, preexec_fn=fermer)
    os.close(ecriture)
    code, erreurs = apres(execution, "jamais", lambda: None)
    assert code == 0, erreurs
    assert "Rien n'est publié" not in erreurs and "Error" not in erreurs and "erreur" not in erreurs
    assert verifier(campagne[1]) == []


def test_un_registre_hors_d_atteinte_apres_la_publication(campagne: tuple[Path, Path]) -> None:
    """Published and said so; what could not be inscribed is said, with what to do; the next run inscribes it."""
    registre = campagne[1].parent / "registre.jsonl"

    def oter() -> None:
        registre.rename(registre.with_name("mis de cote"))
        registre.mkdir()

    execution = lancer(campagne)
    code, erreurs = apres(execution, "Calcul", oter)
    assert code == 0, erreurs
    assert "Les sorties sont publiées, mais cette publication n'est pas inscrite au registre." in erreurs
    assert "Rien n'est publié" not in erreurs
    assert verifier(campagne[1]) == []
    registre.rmdir()
    registre.with_name("mis de cote").rename(registre)
    gestion_flux("bilan", ANNEE, "--entrees", campagne[0], "--sorties", campagne[1])
    assert '"evenement": "publication"' in registre.read_text()


def test_une_erreur_de_nous_nomme_notre_module_et_n_est_pas_un_mauvais_usage(campagne: tuple[Path, Path]) -> None:
    """A ValueError deep in a library: exit 1, the last place in our own code, what became of the outputs."""
    code = "import flows.tables.lecture as t\ndef rater(*_): int('douze')\nt.charger = rater"
    fin, erreurs = apres(lancer(campagne, code=code), "jamais", lambda: None)
    assert fin == 1
    assert "Erreur imprévue (ValueError, flows/tables/lecture.py ligne" in erreurs
    assert INTACT in erreurs and "GESTION_FLUX_TRACE=1" in erreurs
    assert "douze" not in erreurs and "Traceback" not in erreurs


def test_un_mauvais_usage_finit_en_2(campagne: tuple[Path, Path]) -> None:
    entrees, sorties = campagne
    for options in (("1999",), (ANNEE, "--au", "30/06/2024"), (ANNEE, "--au", "30/06/25")):
        fini = gestion_flux("bilan", *options, "--entrees", entrees, "--sorties", sorties, attendu=2)
        assert "erreur" in fini.stderr and "Traceback" not in fini.stderr
    fini = gestion_flux("bilan", ANNEE, "--entrees", entrees, "--sorties", sorties.with_name("n" * 255), attendu=2)
    assert "255 lettres, trop pour un disque" in fini.stderr
    assert not sorties.parent.exists()


@pytest.mark.parametrize("commande", ["bilan", "consolider"])
def test_un_dossier_de_sortie_ou_le_moteur_n_ecrit_pas(commande: str, tmp_path: Path) -> None:
    """DuckDB writes `c.wal?/…` for `c?/…`: said before anything is read."""
    racine, vers = tmp_path / "racine", tmp_path / "c?" / "2025"
    (racine / "A").mkdir(parents=True)
    lieux = ("--entrees", racine / "A", "--sorties", vers) if commande == "bilan" else ("--vers", vers)
    fini = gestion_flux(commande, *([2025] if commande == "bilan" else [racine, "--annee", 2025]), *lieux, attendu=2)
    assert "ne peut pas avoir de « ? »" in fini.stderr and not vers.exists()


@pytest.mark.parametrize("verbe", ["", "bilan", "controler", "etat-des-lieux", "dcp", "ouvrir", "purger", "exemple"])
def test_l_aide_est_immediate_en_francais_avec_des_exemples(verbe: str) -> None:
    """Less than a second of computing, however busy the machine is."""
    avant = resource.getrusage(resource.RUSAGE_CHILDREN)
    dit = gestion_flux(*filter(None, [verbe]), "--help").stdout
    apres = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert apres.ru_utime + apres.ru_stime - avant.ru_utime - avant.ru_stime < 1
    assert "exemple" in dit and "gestion-flux " in dit
    for anglais in ("usage:", "show this", "positional", "optional"):
        assert anglais not in dit


def test_la_cle_ne_passe_a_aucun_enfant(campagne: tuple[Path, Path], tmp_path: Path) -> None:
    """Every child of a run, whichever it is, is born without the key; the run itself no longer has it.

    This is also the run whose limits are hard, as a service has them, without the right to raise them: the workbooks
    are read all the same.
    """
    trace = tmp_path / "enfants"
    code = f"""
import os, subprocess
os.environ["GESTION_FLUX_CLE"] = "cle-secrete"
naitre = subprocess.Popen.__init__
def noter(soi, *args, **options):
    with open({str(trace)!r}, "a") as f:
        f.write(str("cle-secrete" in (options.get("env") or os.environ).values()) + "\\n")
    naitre(soi, *args, **options)
subprocess.Popen.__init__ = noter
import atexit; atexit.register(lambda: open({str(trace)!r}, "a").write(str("GESTION_FLUX_CLE" in os.environ)))
"""
    classeur = RACINE / "data" / "raw" / "exemple"
    copie = shutil.copytree(classeur, tmp_path / "avec classeurs")

    def limiter() -> None:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE, 0, 0, 0)  # only root has it
        resource.setrlimit(resource.RLIMIT_AS, (16 * 1024**3, 16 * 1024**3))
        resource.setrlimit(resource.RLIMIT_CPU, (600, 600))

    fin, erreurs = apres(lancer((copie, campagne[1]), code=code, preexec_fn=limiter), "jamais", lambda: None)
    assert fin == 0, erreurs
    lus = trace.read_text().splitlines()
    assert len(lus) > 1 and set(lus) == {"False"}


def test_une_limite_de_memoire_trop_basse_est_dite_avant_de_commencer(campagne: tuple[Path, Path]) -> None:
    """Under it, the libraries abort without a word."""
    limiter = partial(resource.setrlimit, resource.RLIMIT_AS, (2 * 1024**3, 2 * 1024**3))
    code, erreurs = apres(lancer(campagne, preexec_fn=limiter), "jamais", lambda: None)
    assert code == 1
    assert "ulimit -v" in erreurs and INTACT in erreurs
    assert not campagne[1].parent.exists()


def test_un_temps_de_calcul_epuise_est_dit(campagne: tuple[Path, Path]) -> None:
    limiter = partial(resource.setrlimit, resource.RLIMIT_CPU, (3, 3))  # hard: the system kills without a word
    code, erreurs = apres(lancer(campagne, preexec_fn=limiter), "jamais", lambda: None)
    assert code == 1
    assert (
        f"Interrompu (temps de calcul permis dépassé, ulimit -t) : le dossier de travail est supprimé. {INTACT}"
        in erreurs
    )
    assert [chemin.name for chemin in campagne[1].parent.iterdir()] == ["registre.jsonl"]


@pytest.mark.parametrize("faute", ["MemoryError()", "duckdb.OutOfMemoryException('failed to allocate')"])
def test_une_memoire_epuisee_n_est_ni_notre_erreur_ni_celle_du_modele(campagne: tuple[Path, Path], faute: str) -> None:
    code = f"import duckdb, flows.entrepot.modeles as m\ndef epuise(*_):\n    raise {faute}\nm._construire_un = epuise"
    fin, erreurs = apres(lancer(campagne, code=code), "jamais", lambda: None)
    assert fin == 1
    assert "Mémoire insuffisante" in erreurs and INTACT in erreurs
    assert "modèle SQL" not in erreurs and "imprévue" not in erreurs
