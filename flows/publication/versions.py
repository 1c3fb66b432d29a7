"""Versions of what was published, in `.versions/<folder>/v<n>/` beside the outputs: whole folders, to open as they are.

A version is a publication: its manifest's SHA-256 names it. A file that did not change is the same file on the disk as
in the version before, so it costs nothing; the others are copies, so that a hand that edits a published file touches no
version. The last ten are kept, and every one that was sent (`envoi` lines of the register), for ever.
"""

import os
import re
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flows.anomalies import Anomalie, Gravite, MauvaisUsage
from flows.campagne import ETAT_DES_LIEUX, POINTS, Campagne
from flows.chemins import ENTREPOT, MANIFESTE
from flows.fichiers import sha256
from flows.publication import manifeste, registre

VERSIONS = ".versions"
GARDEES = 10
"""[choix] How many unsent versions are kept: a campaign is seldom corrected more than ten times before it is sent."""
COMMANDES = ("bilan", ETAT_DES_LIEUX)
"""What is kept. The exchange of personal data is not: what is purged must be nowhere else."""
_NOM = re.compile(r"v(\d{1,6})")


@dataclass(frozen=True)
class Version:
    """A publication kept: `dossier` is its folder, `identifiant` the SHA-256 of its manifest."""

    numero: int
    dossier: Path
    identifiant: str

    @property
    def nom(self) -> str:
        """As it is said: `v3 · 7f31c2a9`."""
        return f"v{self.numero} · {self.identifiant[:8]}"


def lieu(sorties: Path) -> Path:
    """Where the versions of an output folder are."""
    entier = sorties.resolve()
    return entier.parent / VERSIONS / entier.name


def lister(sorties: Path) -> list[Version]:
    """Versions kept, oldest first."""
    dossiers = lieu(sorties).glob("v*") if lieu(sorties).is_dir() else ()
    trouvees = []
    for dossier in dossiers:
        if (nom := _NOM.fullmatch(dossier.name)) and (dossier / MANIFESTE).is_file():
            trouvees.append(Version(int(nom[1]), dossier, identifiant(dossier)))
    return sorted(trouvees, key=lambda v: v.numero)


def identifiant(publie: Path) -> str:
    """SHA-256 of the manifest of a published folder, of a version, or of the one that a point is in."""
    return sha256(racine(publie)[0] / MANIFESTE)


def racine(dossier: Path) -> tuple[Path, str]:
    """The folder whose manifest speaks of a warehouse's folder, and the name of that warehouse in the manifest."""
    if dossier.parent.name == POINTS and not (dossier / MANIFESTE).is_file():
        return dossier.parent.parent, f"{POINTS}/{dossier.name}/{ENTREPOT}"
    return dossier, ENTREPOT


def a_comparer(sorties: Path) -> tuple[str, str]:
    """The two sides that `comparer` takes by itself: the last version whose figures were not those of today, and today.

    Without a closed bilan, the last two points. Raises MauvaisUsage when there is nothing to compare with.
    """
    fiche = manifeste.lire_manifeste(sorties)["sorties"]
    if ENTREPOT not in fiche:
        points = sorted(Path(nom).parent.as_posix() for nom in fiche if nom.endswith(f"/{ENTREPOT}"))
        if len(points) > 1:
            return points[-2], points[-1]
        raise MauvaisUsage(f"{sorties} n'a pas de bilan clos, et moins de deux points : rien à comparer encore.")
    avec = [v for v in lister(sorties)[:-1] if (v.dossier / ENTREPOT).is_file()]
    autres = [
        v
        for v in avec
        if _contenu(manifeste.lire_manifeste(v.dossier)["sorties"][ENTREPOT]) != _contenu(fiche[ENTREPOT])
    ]
    if not avec:
        raise MauvaisUsage(
            f"Une seule version du bilan de {sorties} est conservée : donnez deux dossiers, ou deux années."
        )
    return f"v{(autres or avec)[-1].numero}", "publie"


def conserver(campagne: Campagne) -> list[Anomalie]:
    """Keeps what was just published as a version; what cannot be kept is a warning: it is published all the same.

    The same publication again (same manifest) is the same version.
    """
    if campagne.commande not in COMMANDES:
        return []
    try:
        _conserver(campagne.sorties)
    except OSError as erreur:
        message = (
            f"Les sorties sont publiées, mais leur version n'est pas conservée ({os.strerror(erreur.errno or 0)})."
        )
        correction = f"Libérez de la place ou rendez {VERSIONS} accessible, puis relancez avec --refaire."
        return [Anomalie(Gravite.AVERTISSEMENT, "version_non_conservee", message, correction, fichier=VERSIONS)]
    return []


def _conserver(sorties: Path) -> None:
    connues = lister(sorties)
    courant = identifiant(sorties)
    if connues and connues[-1].identifiant == courant:
        return
    precedente = connues[-1] if connues else None
    numero = precedente.numero + 1 if precedente else 1
    atelier = lieu(sorties) / f".v{numero}.{os.getpid()}"
    for reste in lieu(sorties).glob(".v*"):
        shutil.rmtree(reste, ignore_errors=True)
    atelier.mkdir(parents=True)
    anciennes = manifeste.lire_manifeste(precedente.dossier)["sorties"] if precedente else {}
    for nom, fiche in manifeste.lire_manifeste(sorties)["sorties"].items():
        cible = atelier / nom
        cible.parent.mkdir(parents=True, exist_ok=True)
        meme = precedente is not None and _contenu(anciennes.get(nom, {})) == _contenu(fiche)
        source = precedente.dossier / nom if precedente and meme else sorties / nom
        # only the warehouse is shared with what is published: it is read, never typed in
        if not ((meme or nom == ENTREPOT) and _lier(source, cible)):
            shutil.copy2(sorties / nom, cible, follow_symlinks=False)
    shutil.copy2(sorties / MANIFESTE, atelier / MANIFESTE)
    atelier.rename(lieu(sorties) / f"v{numero}")
    _elaguer(sorties)


def _contenu(fiche: dict[str, Any]) -> str:
    return str(fiche.get("sha256") or fiche.get("sha256_contenu") or "")


def _lier(source: Path, cible: Path) -> bool:
    with suppress(OSError):
        os.link(source, cible)
        return True
    return False


def _elaguer(sorties: Path) -> None:
    envoyees = {ligne.get("version") for ligne in registre.lire_lignes(sorties) if ligne.get("evenement") == "envoi"}
    passees = [v for v in lister(sorties) if v.identifiant not in envoyees]
    for version in passees[:-GARDEES]:
        shutil.rmtree(version.dossier, ignore_errors=True)


def trouver(sorties: Path, designation: str, parmi: Collection[Version] | None = None) -> Path:
    """The folder that a user names: `v3`, `avant`, `publie`, a year, a day (jj/mm/aaaa), an identifier, or a path.

    A day means the last version published on that day or before; `points/2026-06-30` and `v2/points/2026-06-30`, a
    point inside the year. Raises MauvaisUsage, with what there is.
    """
    connues = list(lister(sorties) if parmi is None else parmi)
    dit = designation.strip()
    if dit in ("publie", "publié", "actuel"):
        return publie(sorties)
    if dit == "avant" and len(connues) > 1:
        return connues[-2].dossier
    for version in connues:
        if dit.lower() in (f"v{version.numero}", version.identifiant) or (
            len(dit) >= 8 and version.identifiant.startswith(dit.lower())
        ):
            return version.dossier
    if re.fullmatch(r"\d{4}", dit):
        return publie(sorties.resolve().parent / dit)
    if (jour := _jour(dit)) and (du_jour := _au(sorties, jour, connues)):
        return du_jour.dossier
    for racine in (*(v.dossier for v in reversed(connues) if dit.lower().startswith(f"v{v.numero}/")), sorties, Path()):
        chemin = racine / (dit.partition("/")[2] if racine.name == dit.partition("/")[0].lower() else dit)
        if (chemin / MANIFESTE).is_file() or (chemin.parent.name == POINTS and (chemin / ENTREPOT).is_file()):
            return chemin
    noms = ", ".join(v.nom for v in connues) or "aucune version conservée"
    raise MauvaisUsage(f"« {designation} » n'est ni une version, ni une date, ni un dossier publié. Connus : {noms}.")


def publie(sorties: Path) -> Path:
    """The published folder itself. Raises MauvaisUsage when nothing is published there."""
    if not (sorties / MANIFESTE).is_file():
        raise MauvaisUsage(f"Rien n'est publié dans {sorties} : lancez d'abord gestion-flux bilan.")
    return sorties


def dates(sorties: Path) -> dict[str, datetime]:
    """When each version was first published, by its identifier, as the register has it."""
    publications = [ligne for ligne in registre.lire_lignes(sorties) if ligne.get("evenement") == "publication"]
    return {str(x.get("manifeste")): datetime.fromisoformat(x["quand"]) for x in reversed(publications)}


def _au(sorties: Path, jour: date, connues: Collection[Version]) -> Version | None:
    quand = dates(sorties)
    d_alors = (v for v in connues if v.identifiant in quand and quand[v.identifiant].date() <= jour)
    return max(d_alors, key=lambda v: v.numero, default=None)


def _jour(texte: str) -> date | None:
    for forme in ("%d/%m/%Y", "%Y-%m-%d"):
        with suppress(ValueError):
            return datetime.strptime(texte, forme).date()
    return None
