"""Kill a run at its file operations, one child per operation; run by test_publication.

python ruptures.py DOSSIER PREMIERE PAS: cuts operation PREMIERE, then one in PAS; prints how many operations a run has,
fails at the first one after which the publication is not whole, or the next run does not succeed, or something is left.
"""

import itertools
import os
import signal
import sys
from pathlib import Path

from pilote import executer

from flows.publication.manifeste import verifier
from flows.publication.parution import retablir

OPERATIONS = {"open", "os.rename", "os.mkdir", "os.link", "os.remove", "os.rmdir", "os.truncate", "shutil.rmtree"}


def mourir_a(numero: int, dossier: Path) -> None:
    """From now on, die by SIGKILL just before operation `numero` on a file below `dossier`.

    A relative name is below it too: that is how a folder is emptied, name by name.
    """
    reste = numero

    def crochet(evenement: str, arguments: tuple[object, ...]) -> None:
        nonlocal reste
        if evenement in OPERATIONS:
            chemin = Path(os.fsdecode(arguments[0])) if isinstance(arguments[0], (str, bytes)) else arguments[0]
            reste -= isinstance(chemin, Path) and (not chemin.is_absolute() or chemin.is_relative_to(dossier))
            if reste == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(crochet)


def couper(dossier: Path, numero: int, version: str) -> bool:
    """Run a child until operation `numero`; True if it was cut, False if it had come to its end before."""
    enfant = os.fork()
    if enfant == 0:
        mourir_a(numero, dossier / "out")
        executer(dossier, version)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(enfant, 0)[1])


def controler(dossier: Path, permises: set[str]) -> None:
    """The publication is whole and holds one version, among those permitted."""
    sorties = dossier / "out" / "2025"
    retablir(sorties)
    assert verifier(sorties) == [], verifier(sorties)
    version = (sorties / "index.html").read_text()
    assert version in permises, version


def main() -> int:
    dossier, premiere, pas = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    executer(dossier, "v0")
    for numero in itertools.count(premiere, pas):
        avant = (dossier / "out" / "2025" / "index.html").read_text()
        coupee = couper(dossier, numero, f"v{numero}")
        controler(dossier, {avant, f"v{numero}"})
        executer(dossier, f"w{numero}")
        controler(dossier, {f"w{numero}"})
        voisins = sorted(chemin.name for chemin in (dossier / "out").iterdir())
        assert voisins == ["2025", "registre.jsonl"], voisins
        if not coupee:
            print(numero - 1)
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
