"""Nothing to do: what a run would read and what it would write are as the last one left them. No heavy import here.

The last run of a folder leaves `.<sorties>.constat` beside it: what was asked, the SHA-256 of the inputs and of the
rules, the versions, and the size and time of each output. It is only ever a reason to do less: absent, unreadable or
different in anything, the run is done whole. Everything in it but the inputs read is noted before they are read, so
that what changes during a run is seen by the next.
"""

import hashlib
import json
import os
import platform
import re
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from flows import __version__
from flows.anomalies import ArretBloquant
from flows.campagne import Campagne
from flows.chemins import CONTRAT, GABARITS, MANIFESTE, PAQUET, REGLAGES, SQL, correspondances
from flows.fichiers import FichierRecu, sha256

Constat = dict[str, Any]
PETIT = 64 * 1024
"""Outputs up to this size are hashed again; above, their size, time and identity on the disk are enough."""
FORME = 1
EPROUVES = CONTRAT / "gabarits_eprouves.txt"
"""What `empreinte_livree` was when a test tried these templates on these models (`python -m flows.catalogue`)."""
_NOM = re.compile(r"[^A-Za-z0-9._-]")
"""What ends the name of a library in a requirement: `duckdb>=1.5.6,<2`."""


def relever(campagne: Campagne) -> Constat:
    """Everything that decides the outputs, but the content of the files dropped: to be noted before they are read."""
    return {
        "forme": FORME,
        "demande": [
            *(campagne.commande, campagne.annee, str(campagne.au), sorted(campagne.reservataires)),
            *(str(campagne.entrees.resolve()), sorted(map(list, campagne.options))),
        ],
        "versions": _versions(),
        "calcul": _calcul(),
        "gabarits": _empreinte_dossiers(GABARITS, REGLAGES),
        "precedents": _precedents(campagne),
        "correspondances": {c.name: sha256(c) for c in correspondances(campagne.entrees)},
        "presents": _presents(campagne.entrees),
    }


def retenir(campagne: Campagne, debut: Constat, recus: Sequence[FichierRecu], faits: Mapping[str, object]) -> None:
    """Leaves the statement of a run that has just published. `faits` is what it had to say; `recus` what it read."""
    deposes = campagne.entrees.resolve()
    lus = {recu.chemin.name: recu.sha256 for recu in recus if recu.chemin.parent.resolve() == deposes}
    fichier = _fichier(campagne.sorties)
    with suppress(OSError):
        fichier.unlink(missing_ok=True)
        if lus.keys() <= debut["presents"].keys():
            sorties = {nom: _etat(campagne.sorties / nom) for nom in _noms(campagne.sorties)}
            constat = debut | {"lus": lus, "sorties": sorties, "faits": dict(faits)}
            fichier.touch(0o640)
            fichier.write_text(json.dumps(constat, ensure_ascii=False), encoding="utf-8")


def constater(campagne: Campagne) -> dict[str, Any] | None:
    """What the last run had to say, when this one would do the same; None at the least doubt. Says so in the register.

    The files dropped are hashed, whatever their dates.
    """
    ancien = _lire(campagne)
    if ancien is None or _ecarts(ancien, relever(campagne)) or not _entrees_egales(campagne, ancien):
        return None
    from flows.publication import parution, registre

    manifeste = sha256(campagne.sorties / MANIFESTE)
    try:
        if registre.verifier_inscription(campagne.sorties):
            return None  # published while the register was out of reach: the run inscribes it
        registre.inscrire(campagne, registre.INCHANGE, {"manifeste": manifeste})
    except (OSError, ArretBloquant):
        return None  # the run itself will say what is wrong with the register
    parution.oublier_refus(campagne.sorties)
    parution.retablir(campagne.sorties)
    faits: dict[str, Any] = ancien["faits"]
    return faits


def gabarits_seuls(campagne: Campagne, debut: Constat) -> bool:
    """True when the templates are all that changed since the last run: the published warehouse is then still right."""
    ancien = _lire(campagne)
    return ancien is not None and _ecarts(ancien, debut) == {"gabarits"} and _entrees_egales(campagne, ancien)


def gabarits_connus(campagne: Campagne) -> bool:
    """True when these very templates and models have been tried: by the last run, or before they were shipped."""
    with suppress(OSError):
        if not REGLAGES.exists() and EPROUVES.read_text(encoding="utf-8").strip() == empreinte_livree():
            return True
    ancien = _lire(campagne) or {}
    return (ancien.get("calcul"), ancien.get("gabarits")) == (_calcul(), _empreinte_dossiers(GABARITS, REGLAGES))


def empreinte_livree() -> str:
    """SHA-256 of the models and templates of the product."""
    return _empreinte_dossiers(SQL, GABARITS)


def intactes(sorties: Path) -> set[str]:
    """Outputs that are, for the system, the very files that the last run left: no need to hash them again."""
    try:
        etats = json.loads(_fichier(sorties).read_text(encoding="utf-8"))["sorties"]
        return {nom for nom, etat in etats.items() if (sorties / nom).exists() and _etat(sorties / nom) == etat}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def _lire(campagne: Campagne) -> Constat | None:
    """The statement of the last run, if what it published is untouched."""
    sorties = campagne.sorties
    if campagne.refaire or sorties.resolve().with_name(f".{sorties.resolve().name}.precedent").exists():
        return None
    try:
        constat = json.loads(_fichier(sorties).read_text(encoding="utf-8"))
        if constat["forme"] != FORME or not isinstance(constat["faits"], dict):
            return None
        intactes = constat["sorties"] == {nom: _etat(sorties / nom) for nom in _noms(sorties)}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return constat if intactes and MANIFESTE in constat["sorties"] else None


def _ecarts(ancien: Constat, nouveau: Constat) -> set[str]:
    """Which parts of two statements differ. A file that no one reads counts by its name, its kind and its size."""
    return {partie for partie in nouveau if ancien.get(partie) != nouveau[partie]}


def _entrees_egales(campagne: Campagne, ancien: Constat) -> bool:
    try:
        return all(sha256(campagne.entrees / nom) == attendu for nom, attendu in ancien["lus"].items())
    except (OSError, KeyError, AttributeError):
        return False


def _presents(entrees: Path) -> dict[str, list[int]]:
    """Kind and size of everything that the input folder holds; nothing when it cannot be read."""
    presents = {}
    with suppress(OSError):
        for chemin in entrees.iterdir():
            etat = chemin.lstat()
            presents[chemin.name] = [stat.S_IFMT(etat.st_mode), etat.st_size if stat.S_ISREG(etat.st_mode) else 0]
    return presents


def _precedents(campagne: Campagne) -> dict[str, str]:
    """SHA-256 of what the previous exercice may give: its manifest, and its published `flux_` files."""
    dossier = campagne.sorties.resolve().parent / str(campagne.annee - 1)
    chemins = [dossier / MANIFESTE, *sorted(dossier.glob(f"bilan/*/flux_{campagne.annee}_*.csv"))]
    return {c.relative_to(dossier).as_posix(): sha256(c) for c in chemins if c.is_file()}


def _versions() -> list[str]:
    """Of Python, of this product and of all that it says that it needs."""
    lues = [platform.python_version(), platform.system(), __version__]
    with suppress(PackageNotFoundError):
        exigences = [exigence for exigence in requires("gestion-flux") or () if "extra ==" not in exigence]
        lues += [
            f"{nom} {_version(nom)}" for nom in sorted({_NOM.split(exigence, maxsplit=1)[0] for exigence in exigences})
        ]
    return lues


def _version(nom: str) -> str:
    try:
        return version(nom)
    except PackageNotFoundError:
        return "absent"


def _calcul() -> str:
    return _empreinte_dossiers(SQL, CONTRAT, PAQUET)


def _empreinte_dossiers(*dossiers: Path) -> str:
    """SHA-256 of every file of these folders but compiled ones: an edited line of code counts too."""
    somme = hashlib.sha256()
    for dossier in dossiers:
        for nom in _noms(dossier):
            # in an installed wheel the templates are inside the package
            if dossier != PAQUET or not nom.startswith(f"{GABARITS.name}/"):
                somme.update(f"{dossier.name}/{nom}\0{sha256(dossier / nom)}\n".encode())
    return somme.hexdigest()


def _noms(dossier: Path) -> list[str]:
    """Every file below a folder, relative, with `/`, sorted."""
    noms = []
    for lieu, sous_dossiers, fichiers in os.walk(dossier):
        sous_dossiers[:] = [d for d in sous_dossiers if d != "__pycache__"]
        noms += [(Path(lieu) / nom).relative_to(dossier).as_posix() for nom in fichiers]
    return sorted(noms)


def _etat(chemin: Path) -> list[int | str]:
    etat = chemin.lstat()
    if not stat.S_ISREG(etat.st_mode):
        return [etat.st_mode]
    petit = sha256(chemin) if etat.st_size <= PETIT else ""
    return [etat.st_size, etat.st_mtime_ns, etat.st_ino, petit]


def _fichier(sorties: Path) -> Path:
    entier = sorties.resolve()
    return entier.with_name(f".{entier.name}.constat")
