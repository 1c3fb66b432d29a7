"""One run at a time on a folder: an OS lock that frees itself when its process dies, and who holds it.

The names are hidden, beside the thing locked: `.2025.verrou` (the lock) and `.2025.titulaire` (who holds it, in a
file of its own because Windows lets nobody read a locked file). Both go away with the lock.
"""

import getpass
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from flows.anomalies import Anomalie, ArretBloquant, Gravite


@contextmanager
def verrou(objet: Path, attente: float = 0) -> Iterator[None]:
    """Hold the lock on `objet` (a file or a folder, existing or not), waiting at most `attente` seconds.

    Raises ArretBloquant, with the name of the holder, when another run has it; OSError when the folder cannot be
    written to.
    """
    fichier = objet.with_name(f".{objet.name}.verrou")
    titulaire = objet.with_name(f".{objet.name}.titulaire")
    cle = FileLock(fichier, timeout=attente, thread_local=False)
    try:
        cle.acquire()
    except Timeout:
        raise ArretBloquant([_occupe(objet, titulaire)]) from None
    try:
        titulaire.write_text(json.dumps(_moi()), encoding="utf-8")
        yield
    finally:
        # The lock file goes while it is still held: whoever opened it meanwhile sees that it is gone and starts
        # over. Windows refuses, and removes it itself at release.
        for reste in (titulaire, fichier):
            with suppress(OSError):
                reste.unlink()
        cle.release()


def utilisateur() -> str:
    """Name of the system user, `inconnu` where the system gives none.

    Asked of the system first: the environment variables that `getpass` trusts can be set by anyone.
    """
    with suppress(ImportError, KeyError):
        import pwd  # absent on Windows

        return pwd.getpwuid(os.getuid()).pw_name
    with suppress(ImportError, KeyError, OSError):
        return getpass.getuser()
    return "inconnu"


def _moi() -> dict[str, str]:
    return {
        "utilisateur": utilisateur(),
        "machine": platform.node(),
        "processus": str(os.getpid()),
        "depuis": f"{datetime.now():%d/%m/%Y %H:%M:%S}",
    }


def _occupe(objet: Path, titulaire: Path) -> Anomalie:
    qui = "par une autre exécution"
    with suppress(OSError, ValueError, KeyError, TypeError):
        lu = json.loads(titulaire.read_text(encoding="utf-8"))
        qui = f"par {lu['utilisateur']} sur {lu['machine']}, processus {lu['processus']}, depuis le {lu['depuis']}"
    return Anomalie(
        Gravite.BLOQUANT,
        "deja_en_cours",
        f"« {objet.name} » est déjà en cours d'écriture {qui}.",
        "Attendez la fin de cette exécution, ou arrêtez-la, puis relancez.",
        fichier=objet.name,
    )
