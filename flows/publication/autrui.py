"""What is not ours in the outputs, or no longer as we left it: carried over or kept aside, never lost.

A run replaces the whole folder of the outputs. Files, links, empty folders and modes that others put there follow; so
does a deliverable that somebody edited (the annexe to sign), under `modifies_a_la_main/`, when the run makes it anew.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from itertools import chain, count
from pathlib import Path, PurePosixPath

from flows.anomalies import Anomalie, Gravite
from flows.chemins import MANIFESTE
from flows.publication.inchange import intactes
from flows.publication.manifeste import est_intact, fichiers, lire_manifeste

A_PART = "modifies_a_la_main"
JOURNAL = ".wal"
FICHIER_AU_PLUS = 0o640
"""The widest mode of what we publish: nobody outside the group reads it."""


def emporter(
    sorties: Path, lieu: Path, garder: Callable[[PurePosixPath], bool], mettre_a_part: bool = True
) -> tuple[list[str], list[Anomalie]]:
    """Carries into the work folder `lieu` what this run does not replace in `sorties`, and sets aside what it replaces
    and somebody had changed (unless `mettre_a_part` is False: personal files leave no copy).

    Files are the same ones where the disk can link them, else copies. Returns the names carried over (relative, with
    `/`) and one anomaly for each file set aside.
    """
    if not sorties.exists():
        return [], []
    produits, fiches, sures = set(fichiers(lieu)), lire_manifeste(sorties)["sorties"], intactes(sorties)
    publie_ns = (sorties / MANIFESTE).stat().st_mtime_ns if fiches else 0

    def est_change(nom: str, journal: Path) -> bool:
        # what a shell wrote in a warehouse may still be in its journal only
        if nom not in fiches or journal.exists():
            return True
        return nom not in sures and not est_intact(sorties / nom, fiches[nom], publie_ns)

    repris, dites = [], []
    for nom in sorted(fichiers(sorties), key=lambda nom: not nom.startswith(f"{A_PART}/")):  # first those already there
        seul = nom.removesuffix(JOURNAL)
        objet = seul if seul in fiches or seul in produits else nom  # a warehouse and its journal go together
        if objet not in produits and garder(PurePosixPath(objet)):
            ou = nom if _copier(sorties / nom, lieu / nom) else ""
        elif mettre_a_part and est_change(nom, sorties / f"{objet}{JOURNAL}") and not _meme(sorties / nom, lieu / nom):
            ou = ""
        else:
            continue
        if not ou:
            ou = _ecarter(sorties, lieu, nom)
            dites.append(_garde_a_part(nom, ou))
        repris.append(ou)
    _dossiers(sorties, lieu)
    return repris, dites


def fermer(lieu: Path, sorties: Path, repris: list[str]) -> None:
    """Gives what was produced its mode: 0640 at the most, less what the umask or an earlier mode of it closes."""
    if os.name != "posix":
        return
    for nom in {*fichiers(lieu), MANIFESTE} - set(repris):
        permis = FICHIER_AU_PLUS
        with suppress(OSError):
            permis &= (sorties / nom).lstat().st_mode
        (lieu / nom).chmod((lieu / nom).stat().st_mode & (permis | 0o600))


def _ecarter(sorties: Path, lieu: Path, nom: str) -> str:
    """Puts a file of the outputs in the folder of what was changed by hand, beside those already there.

    Where a file has the name of its folder, no other name of it would do: it goes to a folder of its own.
    """
    voulu = PurePosixPath(A_PART, nom)
    suivants = (
        chemin
        for n in count(2)
        for chemin in (voulu.with_name(f"{voulu.stem} ({n}){voulu.suffix}"), PurePosixPath(A_PART, str(n), nom))
    )
    for chemin in chain([voulu], suivants):
        if _copier(sorties / nom, lieu / chemin) or _meme(sorties / nom, lieu / chemin):
            break
    return chemin.as_posix()


def _garde_a_part(nom: str, ou: str) -> Anomalie:
    message = "Ce fichier avait été modifié depuis sa publication. Il est refait ; votre version est gardée à part."
    correction = f"Reprenez-y ce qui vous sert : {ou}."
    return Anomalie(Gravite.AVERTISSEMENT, "livrable_modifie_garde", message, correction, fichier=nom)


def _copier(source: Path, cible: Path) -> bool:
    """The same file, link or pipe under another name; False when something is already there."""
    try:
        cible.parent.mkdir(parents=True, exist_ok=True)
        if cible.is_symlink() or cible.exists():
            return False
    except (FileExistsError, NotADirectoryError):
        return False
    if source.is_symlink():
        cible.symlink_to(source.readlink())
        return True
    try:
        os.link(source, cible)
    except OSError:
        shutil.copy2(source, cible)
    return True


def _meme(un: Path, autre: Path) -> bool:
    """True for two plain files of the same bytes."""
    if un.is_symlink() or not (un.is_file() and autre.is_file()) or un.stat().st_size != autre.stat().st_size:
        return False
    with un.open("rb") as a, autre.open("rb") as b:
        while bloc := a.read(1 << 20):
            if bloc != b.read(1 << 20):
                return False
    return True


def _dossiers(sorties: Path, lieu: Path) -> None:
    """Brings over the folders that somebody left empty, and gives each folder the mode, group and attributes it had."""
    for dossier, sous_dossiers, noms in os.walk(sorties, topdown=False):
        ancien = Path(dossier)
        nouveau = lieu / ancien.relative_to(sorties)
        if not sous_dossiers and not noms:
            with suppress(FileExistsError, NotADirectoryError):
                nouveau.mkdir(parents=True, exist_ok=True)
        if nouveau.is_dir():
            with suppress(OSError):
                shutil.copystat(ancien, nouveau)
            if hasattr(os, "chown"):
                with suppress(OSError):
                    os.chown(nouveau, -1, ancien.stat().st_gid)
                    nouveau.chmod(ancien.stat().st_mode & 0o7777)  # a new group takes the setgid bit away
