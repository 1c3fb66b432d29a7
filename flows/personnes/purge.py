"""Destroys the personal rows whose time is over, proves it and writes it down ([000] annexe 3, art. 13 and 18)."""

import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path, PurePosixPath

from cryptography.fernet import MultiFernet

from flows import __version__
from flows.anomalies import Anomalie, ArretBloquant, Gravite, MauvaisUsage
from flows.fichiers import sha256
from flows.personnes import classeur_dcp, coffre, preuve
from flows.personnes.classeur_dcp import Contenu
from flows.publication import registre
from flows.publication.manifeste import lire_manifeste

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
    fichiers = (f for f in racine.rglob(f"*{coffre.SUFFIXE}") if f.is_file() and not _est_cache(f, racine))
    trouves = {chemin.parent for chemin in fichiers}
    return sorted(trouves)


def refuser_l_avenir(au: date, aujourd_hui: date) -> None:
    """Raises MauvaisUsage, in French, for a purge on a day that has not come: nothing is due before its day."""
    if au > aujourd_hui:
        raise MauvaisUsage(
            f"Le {au:%d/%m/%Y} n'est pas passé : une purge détruit ce qui est échu, au plus au {aujourd_hui:%d/%m/%Y}."
        )


def derniere(dossier: Path) -> tuple[date | None, list[Anomalie]]:
    """Day of the last purge of a published folder, as the register says it, and what its certificates contradict.

    None when there was none; one that was cut short counts from its beginning. The certificates prove, they never
    decide: one that the register does not know, or that is not there any more, is an anomaly.
    """
    lignes = [ligne for ligne in registre.lignes_de(dossier) if ligne.get("commande") == "purger"]
    purges = [ligne for ligne in lignes if ligne.get("evenement") == "purge" and "certificat" in ligne]
    inscrits = {str(ligne["certificat"]) for ligne in purges}
    presents = {sha256(f): f.name for f in sorted(dossier.glob(f"{CERTIFICATS}/*")) if f.is_file()}
    anomalies = [_certificat_inconnu(nom) for empreinte, nom in presents.items() if empreinte not in inscrits]
    anomalies += [_certificat_absent(str(ligne["quand"])) for ligne in purges if ligne["certificat"] not in presents]
    jours = [date.fromisoformat(str(ligne["options"]["au"])) for ligne in lignes]
    return max(jours, default=None), anomalies


def examiner(dossier: Path, au: date, cle: MultiFernet) -> list[Echeance]:
    """Files of a folder with rows to destroy on the day `au` or before. Nothing is written.

    Raises ArretBloquant for a file that we published and that this key does not open. A stranger's file, which our
    manifest does not name and our key does not open, stops nothing: it is left, and the certificate names it.
    """
    echeances = []
    publies = lire_manifeste(dossier)["sorties"]
    for chemin in sorted(f for f in dossier.glob(f"*{coffre.SUFFIXE}") if f.is_file()):
        try:
            contenu = _ouvrir(chemin, cle)
        except ArretBloquant:
            if chemin.name in publies:
                raise
            continue
        retirees = [ligne for ligne in contenu.lignes if classeur_dcp.destruction(contenu, ligne) <= au]
        if retirees:
            jours = [classeur_dcp.destruction(contenu, ligne) for ligne in retirees]
            gardees = tuple(ligne for ligne in contenu.lignes if classeur_dcp.destruction(contenu, ligne) > au)
            reste = Contenu(contenu.entetes, gardees, contenu.notice)
            parties = _identifiants(Contenu(contenu.entetes, tuple(retirees), ()))
            echeances.append(
                Echeance(
                    chemin.name,
                    sha256(chemin),
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


@dataclass(frozen=True)
class Recherche:
    """What the proof of a purge is worth: the number of files read, and the names of those that nobody can open."""

    lus: int
    fermes: tuple[str, ...]


def prouver(echeances: list[Echeance], racines: list[Path], exclus: set[Path], cle: MultiFernet) -> Recherche:
    """Looks for the people removed in every file below `racines` but `exclus`, deciphered.

    A file that cannot be opened (an archive with a password, a stranger's enciphered file) is searched as it is and
    named in the certificate: it does not hold back what the law wants destroyed.

    Someone removed from one file may lawfully be in another whose time is not over (DCP 1 lasts longer than DCP 2):
    an enciphered file may name the people of its own rows. Raises ArretBloquant when anybody else is left.
    """
    cherches = _retires(echeances)
    lus, restes, fermes = 0, [], []
    for racine in racines:
        for chemin in sorted(racine.rglob("*")):
            if not chemin.is_file() or chemin.is_symlink() or chemin in exclus:
                continue
            lus += 1
            nom = chemin.relative_to(racine).as_posix()
            permis = _permis(chemin, cle)
            trouve, ouvert = preuve.chercher(chemin, nom, preuve.marqueurs(cherches - (permis or set())), cle)
            if trouve:
                restes.append(nom)
            if not ouvert or permis is None:
                fermes.append(nom)
    if restes:
        raise ArretBloquant([_reste(nom) for nom in restes])
    return Recherche(lus, tuple(fermes))


def certifier(echeances: list[Echeance], au: date, faite: Recherche, publie: Path, chantier: Path) -> PurePosixPath:
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
        apres = sha256(chantier / e.nom) if e.garde else "fichier supprimé"
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
        f"ont été cherchés, octet par octet, dans {faite.lus} fichiers (archives ouvertes, fichiers chiffrés",
        "déchiffrés en mémoire) : aucun n'y est. Les anciens fichiers, chiffrés, ont été réécrits puis supprimés.",
        *(f"Non ouvert (protégé ou étranger), cherché tel quel : {nom}" for nom in faite.fermes),
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
        "certificat": sha256(certificat),
    }


def _retires(echeances: list[Echeance]) -> frozenset[str]:
    return frozenset[str]().union(*(e.marqueurs for e in echeances))


def _ouvrir(chemin: Path, cle: MultiFernet) -> Contenu:
    try:
        return classeur_dcp.lire(coffre.lire(chemin, cle))
    except (ValueError, KeyError, OSError, zipfile.BadZipFile):
        anomalie = Anomalie(
            Gravite.BLOQUANT,
            "fichier_etranger",
            f"{chemin.name} n'est pas un fichier d'échange de gestion-flux : rien n'est détruit.",
            "Sortez ce fichier du dossier, puis relancez.",
            fichier=chemin.name,
        )
        raise ArretBloquant([anomalie]) from None


def _permis(chemin: Path, cle: MultiFernet) -> set[str] | None:
    """Who an enciphered file may lawfully name: the people of its own rows; None when it is a stranger's."""
    if chemin.suffix != coffre.SUFFIXE:
        return set()
    try:
        return _identifiants(_ouvrir(chemin, cle))
    except ArretBloquant:
        return None


def _identifiants(contenu: Contenu) -> set[str]:
    return {str(valeur) for titre in IDENTIFIANTS for valeur in classeur_dcp.colonne(contenu, titre) if valeur}


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


def _certificat_inconnu(nom: str) -> Anomalie:
    return Anomalie(
        Gravite.AVERTISSEMENT,
        "certificat_inconnu",
        f"Le registre ne connaît pas le certificat de purge {nom}, ou il a été modifié : il ne décide de rien.",
        "Comparez-le avec une sauvegarde, et dites-le au responsable de traitement.",
        fichier=nom,
    )


def _certificat_absent(quand: str) -> Anomalie:
    return Anomalie(
        Gravite.AVERTISSEMENT,
        "certificat_absent",
        f"Le certificat de la purge inscrite au registre le {quand} n'est plus dans le dossier.",
        "Remettez-le depuis une sauvegarde : il prouve la destruction.",
    )
