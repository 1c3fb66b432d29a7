"""Register of runs: what each one read, produced and sent, when, and by which system user. Only ever appended to.

One JSON object per line in `registre.jsonl`, beside the outputs. Each line carries the SHA-256 of the line before
it, so that a line changed, moved or taken out shows (`verifier_registre`); lines cut off the end show only
against a manifest or a backup. The clock is read here and nowhere else. Never give it personal data.
"""

import hashlib
import json
import os
import platform
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.campagne import Campagne
from flows.chemins import MANIFESTE
from flows.etapes import etape
from flows.fichiers import sha256
from flows.publication.manifeste import lire_manifeste
from flows.publication.verrou import utilisateur, verrou

REGISTRE = "registre.jsonl"
ORIGINE = "0" * 64
ATTENTE_MAX = 30.0
"""Seconds during which another run may hold the register."""
ATTENTE_ESSAI = 1.0
"""Seconds before another try at a register that the system refuses to write."""
BLOC = 64 * 1024
DEBUT, INCHANGE = "debut", "inchange"
FINS = ("publication", "refus", "echec", "interruption", "purge")
"""How a run begins, and the events that end it; one killed at once (power cut) leaves its beginning alone."""
_DEBUTS: dict[tuple[str, str], float] = {}


def chemin_registre(sorties: Path) -> Path:
    """Where the register of an output folder is: beside it, common to all the exercices there."""
    return sorties.resolve().parent / REGISTRE


def inscrire(campagne: Campagne, evenement: str, faits: Mapping[str, object]) -> None:
    """Append one line: who, when, the command and its options, the event (`publication`, `echec`, …) and its facts.

    `faits` is anything that JSON can hold, typically `{"entrees": {name: sha256}, "sorties": {name: sha256}}`.
    The line is on the disk when this returns. Raises OSError when it cannot be written, ArretBloquant when
    another run has been holding the register for 30 s, or when something that is no file has its name.
    """
    registre = chemin_registre(campagne.sorties)
    registre.parent.mkdir(parents=True, exist_ok=True)
    _refuser_autre_chose(registre)
    with verrou(registre, ATTENTE_MAX):
        derniere = _derniere_ligne(registre)
        maintenant = datetime.now(UTC)
        contenu = {
            **faits,
            "precedent": hashlib.sha256(derniere).hexdigest() if derniere else ORIGINE,
            "quand": maintenant.isoformat(timespec="seconds"),
            "utilisateur": utilisateur(),
            "machine": platform.node(),
            "dossier": campagne.sorties.resolve().name,
            "commande": campagne.commande,
            "annee": campagne.annee,
            "au": campagne.au.isoformat() if campagne.au else None,
            "reservataires": list(campagne.reservataires),
            "options": dict(campagne.options),
            "evenement": evenement,
        }
        cle = (str(campagne.sorties.resolve()), campagne.commande)
        if evenement == DEBUT:
            _DEBUTS[cle] = time.monotonic()
        elif cle in _DEBUTS and evenement in FINS:
            contenu["duree_s"] = round(time.monotonic() - _DEBUTS.pop(cle), 1)
        if (recul := _recul(derniere, maintenant)) > 0:
            contenu["recul_horloge_s"] = recul
        _ajouter(registre, json.dumps(contenu, ensure_ascii=False, sort_keys=True).encode())


@etape("Inscription au registre")
def inscrire_publication(
    campagne: Campagne, faits: Mapping[str, object] | None = None, evenement: str = "publication"
) -> list[Anomalie]:
    """Append what was just published; tried twice, and what cannot be inscribed is said: it is published all the same.

    `faits` are added to its hashes. Returns that warning, or nothing.
    """
    for essai in (1, 2):
        try:
            inscrire(campagne, evenement, dict(faits or {}) | faits_publies(campagne.sorties))
        except ArretBloquant as arret:
            motif = arret.anomalies[0].message
            break
        except OSError as erreur:
            motif = f"Le registre ne peut pas être écrit ({os.strerror(erreur.errno or 0)})."
            if essai == 1:
                time.sleep(ATTENTE_ESSAI)
        else:
            return []
    quoi = "la commande" if evenement == "publication" else "dcp"
    correction = f"Rendez {REGISTRE} accessible, puis relancez {quoi} : la nouvelle publication y sera inscrite."
    message = f"Les sorties sont publiées, mais cette publication n'est pas inscrite au registre. {motif}"
    return [Anomalie(Gravite.AVERTISSEMENT, "publication_non_inscrite", message, correction, fichier=REGISTRE)]


def faits_publies(sorties: Path) -> dict[str, object]:
    """What the register keeps of a publication: SHA-256 of the inputs, of the outputs, and of the manifest itself."""
    manifeste = lire_manifeste(sorties)
    entrees = manifeste["executions"][manifeste["execution"]]["entrees"]
    fiches = {nom: f for nom, f in manifeste["sorties"].items() if f["execution"] == manifeste["execution"]}
    return {
        "entrees": {nom: recu["sha256"] for nom, recu in entrees.items()},
        "sorties": {nom: fiche.get("sha256") or fiche["sha256_contenu"] for nom, fiche in fiches.items()},
        "manifeste": sha256(sorties / MANIFESTE),
    }


def verifier_inscription(sorties: Path) -> list[Anomalie]:
    """A manifest that the register does not know was written by hand, and its outputs perhaps with it."""
    empreinte = sha256(sorties / MANIFESTE)
    lignes = (_lire(ligne) or {} for ligne in _lignes(chemin_registre(sorties)))
    if any(ligne.get("manifeste") == empreinte for ligne in lignes):
        return []
    message = f"Le registre ne connaît pas ce {MANIFESTE} : il n'a pas été écrit par une exécution inscrite ici."
    correction = "Relancez la commande pour publier à nouveau."
    return [Anomalie(Gravite.ERREUR, "manifeste_non_inscrit", message, correction, fichier=MANIFESTE)]


def verifier_registre(registre: Path) -> list[Anomalie]:
    """Follow the chain: a broken link is an error; a line cut short or a clock that went back, a warning."""
    anomalies = []
    attendu = ORIGINE
    for numero, ligne in enumerate(_lignes(registre), start=1):
        contenu = _lire(ligne)
        if contenu is None:
            message = "Cette ligne est incomplète : l'exécution a été interrompue pendant son inscription."
            anomalies.append(_anomalie(Gravite.AVERTISSEMENT, "registre_incomplet", message, numero))
        elif contenu.get("precedent") != attendu:
            message = "La ligne précédente a été modifiée, déplacée ou retirée."
            anomalies.append(_anomalie(Gravite.ERREUR, "registre_modifie", message, numero))
        elif "recul_horloge_s" in contenu:
            message = f"L'horloge de la machine avait reculé de {contenu['recul_horloge_s']} s."
            anomalies.append(_anomalie(Gravite.AVERTISSEMENT, "horloge_reculee", message, numero))
        attendu = hashlib.sha256(ligne).hexdigest()
    return anomalies


def lire_lignes(sorties: Path) -> list[dict[str, Any]]:
    """What the register says of every run of the folders beside `sorties`, in order; lines cut short left out."""
    return [contenu for ligne in _lignes(chemin_registre(sorties)) if (contenu := _lire(ligne)) is not None]


def lignes_de(sorties: Path, *evenements: str) -> list[dict[str, Any]]:
    """Those of this very folder, in order; of these events alone, when some are given."""
    nom = sorties.resolve().name
    return [
        ligne
        for ligne in lire_lignes(sorties)
        if ligne.get("dossier") == nom and (not evenements or ligne.get("evenement") in evenements)
    ]


def derniers_envois(sorties: Path) -> dict[str, dict[str, Any]]:
    """By réservataire, the line of what was last sent to it."""
    return {code: ligne for ligne in lignes_de(sorties, "envoi") for code in ligne.get("codes") or ()}


def _ajouter(registre: Path, ligne: bytes) -> None:
    """Write one line at the end, after a line break if a killed run left its own line unfinished."""
    drapeaux = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(registre, drapeaux, 0o640), "rb+", buffering=0) as flux:
        taille = flux.seek(0, os.SEEK_END)
        flux.seek(max(taille - 1, 0))
        if flux.read(1) not in (b"", b"\n"):
            ligne = b"\n" + ligne
        reste = memoryview(ligne + b"\n")
        while reste:
            reste = reste[flux.write(reste) :]
        os.fsync(flux.fileno())


def _derniere_ligne(registre: Path) -> bytes:
    """Last line, complete or not, without its line break; empty when there is none."""
    if not registre.exists():
        return b""
    fin = b""
    with registre.open("rb") as flux:
        position = flux.seek(0, os.SEEK_END)
        while position and fin.rstrip(b"\n").count(b"\n") == 0:
            debut = max(position - BLOC, 0)
            flux.seek(debut)
            fin = flux.read(position - debut) + fin
            position = debut
    return fin.rstrip(b"\n").rpartition(b"\n")[2]


def _refuser_autre_chose(registre: Path) -> None:
    """A folder, a link or a pipe in the place of the register: nothing is written through it, nor waits for it."""
    if registre.is_symlink() or (registre.exists() and not registre.is_file()):
        message = f"{REGISTRE} n'est pas un fichier : un dossier, un lien ou un tube a pris sa place."
        correction = "Remettez-le depuis une sauvegarde, ou déplacez ce qui a pris sa place, puis relancez."
        raise ArretBloquant([_anomalie(Gravite.BLOQUANT, "registre_pris", message, None, correction)])


def _lignes(registre: Path) -> Iterator[bytes]:
    if registre.is_file():
        with registre.open("rb") as flux:
            for ligne in flux:
                yield ligne.removesuffix(b"\n")


def _lire(ligne: bytes) -> dict[str, Any] | None:
    try:
        lu = json.loads(ligne)
    except ValueError:
        return None
    return lu if isinstance(lu, dict) else None


def _recul(derniere: bytes, maintenant: datetime) -> int:
    """Seconds by which the clock is behind the last line; 0 when it is not, or when that line does not say."""
    try:
        avant = datetime.fromisoformat((_lire(derniere) or {})["quand"])
        return max(0, round((avant - maintenant).total_seconds()))
    except (KeyError, TypeError, ValueError):
        return 0


def _anomalie(
    gravite: Gravite,
    code: str,
    message: str,
    ligne: int | None,
    correction: str = "Comparez avec une sauvegarde du registre et dites-le au responsable de traitement.",
) -> Anomalie:
    return Anomalie(gravite, code, message, correction, fichier=REGISTRE, ligne=ligne)
