"""The process in which workbooks are parsed: started once, asked file by file, replaced when a file kills it."""

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from flows.chemins import RACINE

MEMOIRE_MIN = 900 << 20  # address space in bytes, the libraries' own included
MEMOIRE_PAR_OCTET = 14  # a 46 MB workbook of 200 000 × 30 cells takes 780 MB in all
SECONDES_MIN = 25
OCTETS_PAR_SECONDE = 1 << 20
A_REMPLIR = "a_remplir"
"""Asked of a workbook to write in: nothing is read of it, it is opened whole to know whether it can be."""


class LecteurIsole:
    """A child process that reads untrusted files (`flows.depot.classeurs`). To be used in a `with`."""

    def __init__(self) -> None:
        self._processus: subprocess.Popen[str] | None = None
        self._reponses: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> "LecteurIsole":
        return self

    def __exit__(self, *_: object) -> None:
        self.arreter()

    def lire(self, genre: str, fichier: str, chemin: Path, prefixe: Path, cle: bytes = b"") -> dict[str, Any]:
        """The answer of `classeurs.main`: `format`, `feuilles`, `anomalies`; or `mort`, `memoire` or `temps`.

        The time allowed is at least `SECONDES_MIN` and grows with the size of the file, as does the memory. `cle` seals
        the sheets; it reaches the child through its input, which nobody else sees.
        """
        octets = chemin.stat().st_size
        secondes = SECONDES_MIN + octets // OCTETS_PAR_SECONDE
        demande = {
            "genre": genre,
            "fichier": fichier,
            "chemin": str(chemin.resolve()),
            "prefixe": str(prefixe.resolve()),
            "memoire": MEMOIRE_MIN + MEMOIRE_PAR_OCTET * octets,
            "secondes": secondes,
            "cle": cle.hex(),
        }
        mort = "memoire"
        try:
            entree = self._entree()
            entree.write(json.dumps(demande) + "\n")
            entree.flush()
            ligne = self._reponses.get(timeout=secondes)
        except BrokenPipeError:
            ligne = ""
        except queue.Empty:
            ligne, mort = "", "temps"
        reponse: dict[str, Any] = json.loads(ligne) if ligne else {"mort": mort}
        if "mort" in reponse:
            self.arreter()
        return reponse

    def _entree(self) -> IO[str]:
        if self._processus is None:
            self._processus = subprocess.Popen(
                [sys.executable, "-m", "flows.depot.classeurs"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                cwd=RACINE,
                env=_environnement(),
            )
            self._reponses = queue.Queue()
            threading.Thread(target=_suivre, args=(self._processus, self._reponses), daemon=True).start()
        if self._processus.stdin is None:
            raise RuntimeError("the child process has no input")
        return self._processus.stdin

    def arreter(self) -> None:
        """Ends the process, whatever it is reading."""
        if self._processus is not None:
            self._processus.kill()
            self._processus.communicate()
            self._processus = None


def _environnement() -> dict[str, str]:
    """That of the child, without our own variables: what reads hostile files has no key to give away.

    Few arenas keep the address space near what is really used; a crash must not print its memory.
    """
    sans_les_notres = {nom: valeur for nom, valeur in os.environ.items() if not nom.startswith("GESTION_FLUX_")}
    return sans_les_notres | {"MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0", "PYTHONUTF8": "1"}


def _suivre(processus: subprocess.Popen[str], reponses: "queue.Queue[str]") -> None:
    """Passes each answer on, then an empty one when the process is gone."""
    for ligne in processus.stdout or ():
        reponses.put(ligne)
    reponses.put("")
