"""What this run may use of the machine: threads, memory, processes. Imports nothing of the project.

The command's `--fils` and `--memoire` reach every process of the run through the environment.
"""

import atexit
import gc
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread

FILS, MEMOIRE = "GESTION_FLUX_FILS", "GESTION_FLUX_MEMOIRE"
FILS_MAX = 256
PART = 2
"""The engine takes at most one part in two of the memory: documents, and what else runs, have the rest."""
MEMOIRE_USUELLE = 1_400_000_000
"""[choix] What the engine takes at most unless told otherwise: beyond, it works on the disk of the outputs."""
MEMOIRE_MINIMUM = 200 * 1000**2
ESPACE_MINIMUM = 3 * 1024**3
"""Address space (`ulimit -v`) under which the libraries end without a word: measured on a campaign of ten dwellings."""
_UNITES = {"o": 1, "ko": 1000, "mo": 1000**2, "go": 1000**3, "to": 1000**4}
_CGROUPES = Path("/sys/fs/cgroup")
_EQUIPES: list[int] = []
SIGNAUX_RECUS: set[str] = set()
"""The signals that asked this process to end (`commande.voix` listens): what they raise can be lost, this is not."""


def fils() -> int:
    """How many threads or processes work at once: those asked for, else the processors that this process may use."""
    demande = os.environ.get(FILS, "")
    if demande.isdecimal() and int(demande):
        return min(int(demande), FILS_MAX)
    permis = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(permis, _quota() or permis, FILS_MAX))


def memoire() -> int:
    """Bytes that the engine may hold before it goes on the disk: those asked for, else from the machine's memory."""
    with suppress(ValueError):
        return octets(os.environ.get(MEMOIRE, ""))
    presentes = [m for m in (_memoire_machine(), *_memoires_permises()) if m]
    return max(MEMOIRE_MINIMUM, min(MEMOIRE_USUELLE, min(presentes, default=MEMOIRE_USUELLE * PART) // PART))


def espace_trop_petit() -> int:
    """Bytes of address space that this process may have, when they are too few to work; 0 when they are enough."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    permis, _ = resource.getrlimit(resource.RLIMIT_AS)
    return permis if 0 <= permis < ESPACE_MINIMUM else 0


def avertir_avant_la_fin() -> None:
    """A hard limit of processor time kills without a word: the soft one, which can be heard, comes a second before."""
    try:
        import resource
    except ImportError:  # Windows
        return
    doux, dur = resource.getrlimit(resource.RLIMIT_CPU)
    if dur > 1 and doux == dur:
        resource.setrlimit(resource.RLIMIT_CPU, (dur - 1, dur))


def octets(texte: str) -> int:
    """`2Go`, `1,5 Go`, `800Mo` → bytes. Raises ValueError for anything else, or for less than the engine needs."""
    lu = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*([kmgt]?o)", texte.strip().lower())
    if lu is None or (nombre := int(float(lu[1].replace(",", ".")) * _UNITES[lu[2]])) < MEMOIRE_MINIMUM:
        raise ValueError(f"taille attendue, par exemple 2Go, au moins 200Mo ; reçu « {texte} »")
    return nombre


def memoire_au_plus() -> str:
    """The most memory that this run held, in words (`1,2 Go au plus`): alone, or with the processes that it had beside
    it (`noter_equipe`). Empty where the system does not say.
    """
    plus = max([pic(), *_EQUIPES])
    return f"{en_mots(plus)} au plus" if plus else ""


def ramasser_moins() -> None:
    """Python looks for dead cycles each time that 700 more objects live: rows of tables are many, and make none.

    It looks again when it ends, when all goes anyway.
    """
    gc.set_threshold(100_000, 10, 10)
    atexit.register(gc.freeze)


def finir_avec_le_parent() -> None:
    """A process of a team whose parent was killed would wait for its next task for ever: it ends with it."""
    parent = parent_process()

    def attendre() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    Thread(target=attendre, daemon=True).start()


def noter_equipe(pics: Iterable[int]) -> None:
    """Notes the most that each process of a team held: all at once at the worst, and this one with them."""
    _EQUIPES.append((_residente() or pic()) + sum(pics))


def pic() -> int:
    """The most bytes that this process has held; 0 where the system does not say."""
    if lu := re.search(r"VmHWM:\s*(\d+) kB", _lire(Path("/proc/self/status"))):
        return int(lu[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def en_mots(nombre: int) -> str:
    """Bytes as a French reader says them: `1,2 Go`, `614 Mo`."""
    if nombre >= _UNITES["go"]:
        return f"{nombre / _UNITES['go']:.1f} Go".replace(".", ",")
    return f"{max(1, nombre // _UNITES['mo'])} Mo"


def _quota() -> int | None:
    """Processors that the container allows (cgroup v2, then v1), rounded up; None without a limit."""
    quota, periode = _lire(_CGROUPES / "cpu.max").partition(" ")[::2]
    if not periode:
        quota, periode = (_lire(_CGROUPES / "cpu" / f"cpu.cfs_{nom}_us") for nom in ("quota", "period"))
    if quota.isdecimal() and periode.isdecimal() and int(periode):
        return max(1, -(-int(quota) // int(periode)))
    return None


def _memoires_permises() -> list[int]:
    lues = (_lire(_CGROUPES / nom) for nom in ("memory.max", "memory/memory.limit_in_bytes"))
    return [int(lue) for lue in lues if lue.isdecimal()]


def _memoire_machine() -> int | None:
    with suppress(ValueError, OSError, AttributeError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def _residente() -> int | None:
    champs = _lire(Path("/proc/self/statm")).split()
    return int(champs[1]) * os.sysconf("SC_PAGE_SIZE") if len(champs) > 1 else None


def _lire(chemin: Path) -> str:
    try:
        return chemin.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
