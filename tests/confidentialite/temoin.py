"""Runs the real command and keeps a copy of every temporary file at the moment when it is about to be removed.

python temoin.py DOSSIER_DES_COPIES VERBE …
"""

import os
import shutil
import sys
from pathlib import Path

from flows.commande.principale import main

COPIES = Path(sys.argv[1])
en_cours = False


def copier(evenement: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: before a file or a folder goes, its copy; what the copy itself does is not looked at."""
    global en_cours
    if evenement not in ("os.remove", "shutil.rmtree") or en_cours or not isinstance(arguments[0], (str, Path)):
        return
    chemin = Path(os.fspath(arguments[0]))
    if not chemin.is_absolute() or not chemin.exists() or chemin.suffix == ".pyc":
        return
    en_cours = True
    try:
        cible = COPIES / f"{len(list(COPIES.iterdir())):04d}-{chemin.name}"
        if chemin.is_dir():
            shutil.copytree(chemin, cible)
        else:
            shutil.copy(chemin, cible)
    finally:
        en_cours = False


if __name__ == "__main__":
    COPIES.mkdir(parents=True, exist_ok=True)
    sys.addaudithook(copier)
    sys.exit(main(sys.argv[2:]))
