"""Step 8: outputs are published whole, or not at all.

A run works in a new folder beside the outputs (`.2025.chantier-<pid>`), under a lock. At the end this folder takes
the name of the outputs, which step aside under `.2025.precedent` and then go. What is published is never written
to: whoever reads it keeps reading the old files, and a run that fails at any moment leaves them as they were. The
one moment without outputs, between two renames, is repaired by the next command (`retablir`).
"""

import glob
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from flows.anomalies import Anomalie, ArretBloquant
from flows.campagne import Campagne
from flows.chemins import MANIFESTE, PUBLIC
from flows.etapes import etape
from flows.fichiers import FichierRecu
from flows.publication import autrui, incidents
from flows.publication.manifeste import ecrire_manifeste, fichiers, lire_manifeste, production
from flows.publication.verrou import verrou

TRAVAIL = ".travail"
DOSSIERS_PAR_RESERVATAIRE = ("bilan", "etat_des_lieux")


_NES: dict[Path, tuple[int, int]] = {}
"""Each work folder of this process: the outputs that it is for, and which folder it is for the system."""


def publiees() -> list[Path]:
    """Outputs that this process has published: whose folder is the one that was its work folder."""
    return [sorties for sorties, ne in _NES.items() if sorties.exists() and _identite(sorties) == ne]


def _identite(dossier: Path) -> tuple[int, int]:
    etat = dossier.stat()
    return etat.st_dev, etat.st_ino


@contextmanager
def chantier(campagne: Campagne) -> Iterator[Path]:
    """Work folder of a run, alone on its outputs: lay in it what is to be published, as it is to be published.

    Its hidden folder `.travail` is for what is not. Raises ArretBloquant when the outputs cannot be written or are not
    ours, and for what `atelier` says.
    """
    sorties = campagne.sorties.resolve()
    with _incidents_dits(sorties):
        incidents.verifier_destination(campagne)
        with atelier(sorties) as lieu:
            incidents.verifier_publication(campagne)
            incidents.verifier_separation(campagne)
            masque = os.umask(0o777)
            os.umask(masque | 0o007)  # nobody outside the group, even while it is being made
            try:
                (lieu / TRAVAIL).mkdir(parents=True)
                _NES[sorties] = _identite(lieu)
                yield lieu
            finally:
                os.umask(masque)


@contextmanager
def atelier(dossier: Path) -> Iterator[Path]:
    """Where to make the folder that will take the place of `dossier` (`echanger`), alone on it.

    What is made there goes away at the end, published or not, together with what killed runs have left. Raises
    ArretBloquant when another run is on, and in place of a full disk or a lost access whoever meets it.
    """
    lieu = dossier.with_name(f".{dossier.name}.chantier-{os.getpid()}")
    with _incidents_dits(dossier):
        dossier.parent.mkdir(parents=True, exist_ok=True)
        with verrou(dossier):
            _retablir(dossier)
            _balayer(dossier)
            try:
                yield lieu
            finally:
                supprimer(lieu)


@contextmanager
def _incidents_dits(sorties: Path) -> Iterator[None]:
    try:
        yield
    except ArretBloquant:
        raise
    except Exception as erreur:
        if dite := incidents.incident(erreur, sorties):
            raise ArretBloquant([dite]) from erreur
        raise


@etape("Publication", externe=True)
def publier(
    campagne: Campagne,
    lieu: Path,
    recus: Sequence[FichierRecu],
    comptages: Iterable[Mapping[str, object]],
    versions: Mapping[str, str] | None = None,
    garder: Callable[[PurePosixPath], bool] | None = None,
    completer: Callable[[], Sequence[Path]] | None = None,
) -> list[Anomalie]:
    """Put the work folder in the place of the outputs, with its manifest, whole.

    Published files that this run does not replace (`garder`, by default `a_garder`) are carried over, and what others
    left there; `completer` then writes what shows all of it (the index), and returns these files. Returns what there is
    to say. Raises ArretBloquant, everything left as it was, when the outputs cannot be moved (on Windows: open in
    another program).
    """
    sorties = campagne.sorties.resolve()
    for cache in lieu.glob(".*"):
        shutil.rmtree(cache) if cache.is_dir() else cache.unlink()
    non_personnel = campagne.commande not in incidents.PERSONNELLES
    repris, dites = autrui.emporter(sorties, lieu, garder or a_garder(campagne), mettre_a_part=non_personnel)
    if completer:
        refaits = {fichier.relative_to(lieu).as_posix() for fichier in completer()}
        repris = [nom for nom in repris if nom not in refaits]
    ecrire_manifeste(campagne, lieu, recus, comptages, versions, repris)
    autrui.fermer(lieu, sorties, repris)
    _fixer(lieu, set(fichiers(lieu)) - set(repris))
    try:
        echanger(lieu, sorties)
    except ArretBloquant:
        for nom in repris:  # another try carries them over again, and knows that this run did not make them
            (lieu / nom).unlink()
        raise
    return dites


def dossier_du_refus(sorties: Path) -> Path:
    """Where the anomalies of a refused run go when something is published: beside it."""
    return sorties.with_name(f"{sorties.name}-a-corriger")


def oublier_refus(sorties: Path) -> None:
    """Removes the report of an earlier refusal, out of date once a run has published; never somebody's own files."""
    refus = dossier_du_refus(sorties)
    with suppress(OSError, ValueError):
        if (refus / MANIFESTE).exists() and set(fichiers(refus)) <= lire_manifeste(refus)["sorties"].keys():
            shutil.rmtree(refus)


def a_garder(campagne: Campagne) -> Callable[[PurePosixPath], bool]:
    """Which published files outlive this run, if it does not write them itself.

    Kept: what another command produced, what is not ours, and, when only some réservataires are run again, all but
    their own folders and the public version, whose figures go together.
    """
    ancien = lire_manifeste(campagne.sorties)

    def garder(chemin: PurePosixPath) -> bool:
        fiche = ancien["sorties"].get(chemin.as_posix())
        if fiche is None or ancien["executions"][fiche["execution"]]["production"] != production(campagne):
            return True
        parts = chemin.relative_to(campagne.dossier).parts if chemin.is_relative_to(campagne.dossier) else chemin.parts
        par_code = parts[0] in DOSSIERS_PAR_RESERVATAIRE
        refait = parts[0] == PUBLIC or (par_code and parts[1] in campagne.reservataires)
        return bool(campagne.reservataires) and not refait

    return garder


def echanger(lieu: Path, sorties: Path) -> None:
    """Give the work folder the name of the outputs; the outputs take the name of the work folder.

    On any failure, back to what was. Raises ArretBloquant when the system refuses to move them.
    """
    precedent = _precedent(sorties)
    try:
        if sorties.exists():
            sorties.rename(precedent)
        lieu.rename(sorties)
    except BaseException as erreur:
        _retablir(sorties)
        if isinstance(erreur, OSError):
            raise ArretBloquant([incidents.deplacement_refuse(sorties)]) from erreur
        raise
    if precedent.exists():
        with suppress(OSError):  # still held by someone on Windows: the next run removes it
            precedent.rename(lieu)
    _fixer_dossier(sorties.parent)


def retablir(sorties: Path) -> None:
    """Undo what a killed run left (outputs set aside, a work folder); for who begins no work of its own."""
    sorties = sorties.resolve()
    if _precedent(sorties).exists() or any(sorties.parent.glob(f".{glob.escape(sorties.name)}.chantier-*")):
        with suppress(ArretBloquant, OSError), verrou(sorties):
            _retablir(sorties)
            _balayer(sorties)


def supprimer(dossier: Path) -> None:
    """Removes a folder of ours, as far as the system lets us: folders that somebody closed in it are opened first."""
    for lieu, sous_dossiers, _ in os.walk(dossier):
        for ferme in (Path(lieu) / nom for nom in sous_dossiers):
            if not ferme.is_symlink():
                with suppress(OSError):
                    ferme.chmod(0o700)
    shutil.rmtree(dossier, ignore_errors=True)


def _precedent(sorties: Path) -> Path:
    return sorties.with_name(f".{sorties.name}.precedent")


def _retablir(sorties: Path) -> None:
    precedent = _precedent(sorties)
    if precedent.exists():
        if sorties.exists():
            supprimer(precedent)
        else:
            precedent.rename(sorties)


def _balayer(sorties: Path) -> None:
    """Remove the work folders of dead runs: we hold the lock, so none of them is alive."""
    debut = f".{sorties.name}.chantier-"
    for voisin in list(sorties.parent.iterdir()):
        if voisin.name.startswith(debut):
            supprimer(voisin)


def _fixer(lieu: Path, produits: Iterable[str]) -> None:
    """Have the disk keep what was written before its name says that it is published (power cut)."""
    for nom in (*produits, MANIFESTE):
        with (lieu / nom).open("rb+") as flux:
            os.fsync(flux.fileno())
    for dossier in (lieu, *(chemin for chemin in lieu.rglob("*") if chemin.is_dir())):
        _fixer_dossier(dossier)


def _fixer_dossier(dossier: Path) -> None:
    if os.name == "posix":  # Windows opens no folder, and keeps its entries by itself
        descripteur = os.open(dossier, os.O_RDONLY)
        try:
            os.fsync(descripteur)
        finally:
            os.close(descripteur)
