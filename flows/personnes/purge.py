"""Destroys the personal rows whose time is over, proves it and writes it down ([000] annexe 3, art. 13 and 18)."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path, PurePosixPath

from cryptography.fernet import MultiFernet

from flows import __version__
from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.personnes import classeur_dcp, coffre, preuve
from flows.personnes.classeur_dcp import Contenu

CERTIFICATS = "certificats"
IDENTIFIANTS = ("NUD", "Adresse mail")
"""Headings of what names one person only: what is looked for after the purge."""


@dataclass(frozen=True)
class Echeance:
    """One enciphered file that has rows to destroy: `retire` and `garde` are numbers of rows; `reste` what is kept."""

    nom: str
    sha256: str
    retire: int
    garde: int
    plus_ancienne: date
    plus_recente: date
    marqueurs: frozenset[str]
    reste: Contenu


def dossiers(racine: Path) -> list[Path]:
    """Published folders that hold enciphered files, `racine` itself or below it, sorted."""
    trouves = {chemin.parent for chemin in racine.rglob(f"*{coffre.SUFFIXE}") if not _est_cache(chemin, racine)}
    return sorted(trouves)


def derniere(dossier: Path) -> date | None:
    """Day of the last purge of a published folder, by the names of its certificates; None when there was none."""
    jours = re.findall(
        r"certificat_purge_(\d{4}-\d{2}-\d{2})", " ".join(f.name for f in dossier.glob(f"{CERTIFICATS}/*"))
    )
    return max(map(date.fromisoformat, jours), default=None)


def examiner(dossier: Path, au: date, cle: MultiFernet) -> list[Echeance]:
    """Files of a folder with rows to destroy on the day `au` or before. Nothing is written.

    Raises ArretBloquant for a file that this key does not open, or that is not one of ours.
    """
    echeances = []
    for chemin in sorted(dossier.glob(f"*{coffre.SUFFIXE}")):
        contenu = _ouvrir(chemin, cle)
        retirees = [ligne for ligne in contenu.lignes if classeur_dcp.destruction(contenu, ligne) <= au]
        if retirees:
            jours = [classeur_dcp.destruction(contenu, ligne) for ligne in retirees]
            gardees = tuple(ligne for ligne in contenu.lignes if classeur_dcp.destruction(contenu, ligne) > au)
            reste = Contenu(contenu.entetes, gardees, contenu.notice)
            parties = _identifiants(Contenu(contenu.entetes, tuple(retirees), ()))
            echeances.append(
                Echeance(
                    chemin.name,
                    _sha256(chemin),
                    len(retirees),
                    len(gardees),
                    min(jours),
                    max(jours),
                    frozenset(parties - _identifiants(reste)),
                    reste,
                )
            )
    return echeances


def reecrire(echeances: list[Echeance], au: date, dossier: Path, cle: MultiFernet) -> None:
    """Writes in `dossier` what is left of each file, enciphered anew; nothing for a file without rows."""
    for echeance in echeances:
        if echeance.garde:
            coffre.ecrire(classeur_dcp.ecrire(echeance.reste, au), dossier / echeance.nom, cle)


def prouver(echeances: list[Echeance], racines: list[Path], exclus: set[Path], cle: MultiFernet) -> int:
    """Looks for the people removed in every file below `racines` but `exclus`, deciphered; returns the number read.

    Someone removed from one file may lawfully be in another whose time is not over (DCP 1 lasts longer than DCP 2):
    an enciphered file may name the people of its own rows. Raises ArretBloquant when anybody else is left.
    """
    cherches = _retires(echeances)
    lus, restes = 0, []
    for racine in racines:
        for chemin in sorted(racine.rglob("*")):
            if not chemin.is_file() or chemin.is_symlink() or chemin in exclus:
                continue
            lus += 1
            permis = _identifiants(_ouvrir(chemin, cle)) if chemin.suffix == coffre.SUFFIXE else set()
            if preuve.contient(chemin, preuve.marqueurs(cherches - permis), cle):
                restes.append(chemin.relative_to(racine).as_posix())
    if restes:
        raise ArretBloquant([_reste(nom) for nom in restes])
    return lus


def certifier(echeances: list[Echeance], au: date, fichiers_lus: int, publie: Path, chantier: Path) -> PurePosixPath:
    """Writes the certificate of the purge of the folder `publie` in `chantier`; returns its name below it.

    In French, without personal data: counts, dates, hashes. A certificate already there is never replaced.
    """
    lignes = [
        "CERTIFICAT DE DESTRUCTION DE DONNÉES À CARACTÈRE PERSONNEL",
        "Échange avec Action Logement Services : convention d'échange, art. 13 et 18 et annexe 1",
        "",
        f"Dossier : {publie.name}",
        f"Échéance appliquée : {au:%d/%m/%Y}",
        f"Exécutée le {datetime.now(UTC):%d/%m/%Y à %H:%M} UTC par gestion-flux {__version__}",
        "Durées : DCP 1, 5 ans ; DCP 2, 3 ans ; à compter de l'attribution du logement",
        "",
    ]
    for e in echeances:
        apres = _sha256(chantier / e.nom) if e.garde else "fichier supprimé"
        lignes += [
            f"Fichier {e.nom}",
            f"  lignes détruites : {e.retire} (échéances du {e.plus_ancienne:%d/%m/%Y} au {e.plus_recente:%d/%m/%Y})",
            f"  lignes conservées, non échues : {e.garde}",
            f"  SHA-256 avant : {e.sha256}",
            f"  SHA-256 après : {apres}",
        ]
    lignes += [
        "",
        f"Total : {sum(e.retire for e in echeances)} lignes détruites dans {len(echeances)} fichiers.",
        f"Preuve : {len(preuve.marqueurs(_retires(echeances))) // 2} numéros uniques et adresses des lignes détruites",
        f"ont été cherchés, octet par octet, dans {fichiers_lus} fichiers (archives ouvertes, fichiers chiffrés",
        "déchiffrés en mémoire) : aucun n'y est. Les anciens fichiers, chiffrés, ont été réécrits puis supprimés.",
        "",
        "Ne sont pas couverts : les fichiers déposés par le bailleur, les copies faites hors de ce dossier (fichiers",
        "ouverts en clair, dépôt sur la plateforme d'échange) et les sauvegardes. Sur un disque SSD, la réécriture",
        "d'un bloc n'est pas garantie par le matériel : le chiffrement protège ce qu'il en resterait.",
        "",
        "Le responsable de traitement (nom, date, signature) :",
        "",
    ]
    noms = (f"certificat_purge_{au}{f'-{n}' if n > 1 else ''}.txt" for n in count(1))
    nom = next(nom for nom in noms if not (publie / CERTIFICATS / nom).exists())
    (chantier / CERTIFICATS).mkdir(exist_ok=True)
    (chantier / CERTIFICATS / nom).write_text("\n".join(lignes), encoding="utf-8-sig", newline="\r\n")
    return PurePosixPath(CERTIFICATS, nom)


def effacer(noms: set[str], ancien: Path) -> None:
    """Overwrites and removes the files that were purged, in the folder where they now wait to go."""
    for nom in sorted(noms):
        if (ancien / nom).exists():
            coffre.effacer(ancien / nom)


def faits(echeances: list[Echeance], certificat: Path) -> dict[str, object]:
    """What the register keeps of a purge."""
    return {
        "lignes_detruites": {e.nom: e.retire for e in echeances},
        "avant": {e.nom: e.sha256 for e in echeances},
        "certificat": _sha256(certificat),
    }


def _retires(echeances: list[Echeance]) -> frozenset[str]:
    return frozenset[str]().union(*(e.marqueurs for e in echeances))


def _ouvrir(chemin: Path, cle: MultiFernet) -> Contenu:
    try:
        return classeur_dcp.lire(coffre.lire(chemin, cle))
    except ValueError:
        anomalie = Anomalie(
            Gravite.BLOQUANT,
            "fichier_etranger",
            f"{chemin.name} n'est pas un fichier d'échange de gestion-flux : rien n'est détruit.",
            "Sortez ce fichier du dossier, puis relancez.",
            fichier=chemin.name,
        )
        raise ArretBloquant([anomalie]) from None


def _identifiants(contenu: Contenu) -> set[str]:
    return {str(valeur) for titre in IDENTIFIANTS for valeur in classeur_dcp.colonne(contenu, titre) if valeur}


def _sha256(chemin: Path) -> str:
    return hashlib.sha256(chemin.read_bytes()).hexdigest()


def _est_cache(chemin: Path, racine: Path) -> bool:
    return any(partie.startswith(".") for partie in chemin.relative_to(racine).parts)


def _reste(nom: str) -> Anomalie:
    return Anomalie(
        Gravite.BLOQUANT,
        "purge_incomplete",
        f"{nom} contient encore une personne dont les données devaient être détruites.",
        "Supprimez ce fichier ou refaites-le sans cette personne, puis relancez la purge.",
        fichier=nom,
    )
