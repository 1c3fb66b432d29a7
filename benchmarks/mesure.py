"""Seconds, computing and peak memory of a command, all its processes together, within bounds."""

import os
import resource
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.donnees import RACINE

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_PAS = 0.02


@dataclass(frozen=True)
class Mesure:
    """`calcul`: seconds of processor, which a busy machine changes little; `memoire`: megabytes, the greatest sum of
    the processes seen together; `raison` is empty when the command succeeded.
    """

    secondes: float
    calcul: float
    memoire: int
    raison: str = ""

    @property
    def reussie(self) -> bool:
        return not self.raison

    @property
    def texte(self) -> str:
        return self.raison or f"{self.secondes:8.2f} s {self.calcul:8.2f} s de calcul {self.memoire:6} Mo"


def mesurer(commande: list[str], delai: float, memoire_max: int) -> Mesure:
    """Runs a command in a session of its own; it is stopped past `delai` seconds or `memoire_max` megabytes."""
    environnement = os.environ | {"PYTHONPATH": str(RACINE)}
    debut, calcul = time.perf_counter(), _calcul_des_enfants()
    with subprocess.Popen(
        commande,
        cwd=RACINE,
        env=environnement,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as processus:
        pointe, raison = 0, ""
        while processus.poll() is None:
            time.sleep(_PAS)
            pointe = max(pointe, _memoire(processus.pid))
            if time.perf_counter() - debut > delai:
                raison = f"arrêté après {delai:.0f} s"
            elif pointe > memoire_max:
                raison = f"arrêté à {memoire_max} Mo"
            if raison:
                os.killpg(processus.pid, signal.SIGKILL)
                break
        fin = time.perf_counter() - debut
        erreur = processus.stderr.read() if processus.stderr else ""
        processus.wait()
    # 1 is also what `controler` answers when it has found an error in the campaign
    if not raison and processus.returncode not in ((0, 1) if "controler" in commande else (0,)):
        derniere = (erreur.strip().splitlines() or ["?"])[-1][:80]
        raison = "non installé" if "ModuleNotFoundError" in erreur or "dbt'" in erreur else f"échec : {derniere}"
    return Mesure(fin, _calcul_des_enfants() - calcul, pointe, raison)


def _calcul_des_enfants() -> float:
    """Seconds of processor of the processes that are over, theirs included."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _memoire(session: int) -> int:
    """Megabytes held by the processes of a session (Linux; 0 elsewhere); shared pages count in each."""
    total = 0
    for dossier in Path("/proc").glob("[0-9]*"):
        try:
            champs = (dossier / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(champs[3]) == session:  # the session; field 24 of stat is the resident size in pages
            total += int(champs[21]) * _PAGE
    return total // 1_000_000
