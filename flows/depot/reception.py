"""Step 1: which files of the input folder are read, which are not, and the SHA-256 of each.

Nothing is parsed here. A name says the table (`domaine/contrat.md`, "In"); anything that is not a plain
file of the folder itself is refused, so that no link, pipe or device ever leads the reading elsewhere.
"""

import difflib
import errno
import hashlib
import os
import re
import stat
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from flows import ressources
from flows.anomalies import Anomalie, Gravite, arreter
from flows.depot.separateurs import CANDIDATS
from flows.etapes import etape
from flows.fichiers import FichierRecu, nom_affiche

EXTENSIONS = (".csv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet")
GIO = 1024**3
OCTETS_MAX_FICHIER = 4 * GIO
OCTETS_MAX_DOSSIER = 16 * GIO
BLOC = 1024 * 1024
NS_RECENT = 2_000_000_000
"""A file written less than that before it was hashed may change again within one tick of its system's clock."""
SUITE_DU_NOM = re.compile(r"[_.\- \d]")
SYSTEME = {"thumbs.db", "desktop.ini"}
CORRESPONDANCES = "correspondances"
TEXTES = (".csv", ".txt")
ECHANTILLON = 64 * 1024
LIGNES_VUES = 50
PART_EGALE = 0.8
"""Share of the lines of a text that have the same number of separators when it is a table."""
CORRECTION_NOM = "Faites commencer le nom du fichier par le nom de sa table : {tables}."
CORRECTION_COPIE = "Remplacez-le par une copie du fichier lui-même."
_EMPREINTES: dict[tuple[int, ...], str] = {}
"""SHA-256 of what this process has received, by what the system says of a file that has not changed."""
LIGNES_PERDUES = "Le fichier est un tableau et son nom ne commence par aucune table : ses lignes seraient perdues."


@etape("Réception des fichiers", externe=True)
def recevoir(
    entrees: Path,
    tables: Sequence[str],
    *,
    obligatoires: Sequence[str] = (),
    octets_max_fichier: int = OCTETS_MAX_FICHIER,
    octets_max_dossier: int = OCTETS_MAX_DOSSIER,
    decider: Callable[[str], str | None] = lambda _: None,
    aussi: Callable[[str], Iterable[str]] = lambda _: (),
) -> tuple[list[FichierRecu], list[Anomalie]]:
    """List and hash the files of `entrees` (no recursion), sorted by name, and say what is left aside.

    `tables` are the table names that a file name may begin with; without a file for each of `obligatoires`
    nothing can start. Sizes are in bytes. `decider` gives the table that the bailleur decided for a file name, "" for
    a file not to be read, None to go by its name; `aussi` all the tables that it feeds.
    Never raises for the content of the folder: what is wrong is in the anomalies.
    """
    try:
        chemins = sorted(entrees.iterdir(), key=lambda chemin: nom_affiche(chemin.name))
    except OSError as erreur:
        return [], [_dossier_illisible(entrees, erreur, tables)]
    recus: list[FichierRecu] = []
    anomalies: list[Anomalie] = []
    total = 0
    with ThreadPoolExecutor(ressources.fils()) as a_la_fois:
        examiner = partial(_examiner, tables=tables, octets_max=octets_max_fichier, decider=decider)
        for recu, dites in a_la_fois.map(examiner, chemins):
            anomalies += dites
            if recu:
                recus.append(recu)
                total += recu.octets
            if total > octets_max_dossier:
                a_la_fois.shutdown(wait=False, cancel_futures=True)
                anomalies.append(
                    Anomalie(
                        Gravite.BLOQUANT,
                        "dossier_trop_gros",
                        f"Les fichiers du dossier dépassent ensemble {taille_affichee(octets_max_dossier)}.",
                        "Retirez les fichiers qui ne sont pas de cet exercice.",
                    )
                )
                break
    if not recus and not any(anomalie.gravite is Gravite.BLOQUANT for anomalie in anomalies):
        return [], [*anomalies, _dossier_vide(entrees, tables)]
    absentes = _absentes(recus, obligatoires, aussi)
    if not absentes and not any(decider(recu.nom) for recu in recus):
        # every file goes by its name, and what is needed is there: a stranger is said, the rest is due
        anomalies = [replace(a, gravite=Gravite.ERREUR) if a.message == LIGNES_PERDUES else a for a in anomalies]
    return recus, anomalies + _doubles(recus, aussi) + absentes


def recevoir_un_a_un(chemins: Iterable[Path], table: str) -> tuple[list[FichierRecu], list[Anomalie]]:
    """The same of files that are not in the folder of the exercice: they are all of this table."""
    examines = [_examiner(chemin, (table,), OCTETS_MAX_FICHIER, lambda _: table) for chemin in chemins]
    return [recu for recu, _ in examines if recu], [anomalie for _, dites in examines for anomalie in dites]


def verifier_inchanges(recus: Iterable[FichierRecu]) -> list[Anomalie]:
    """One blocking anomaly per file that is not what was received.

    To be called once everything is read, so that the hashes of the manifest are those of what was counted. A file whose
    system says the same of it (device, inode, size, times) is the same; one without such a signature is hashed again.
    """
    anomalies = []
    for recu in recus:
        try:
            if recu.signature and _signature(recu.chemin.lstat()) == recu.signature:
                continue
            octets, sha256 = _empreinte(recu.chemin)
        except OSError:
            octets, sha256 = -1, ""
        if (octets, sha256) != (recu.octets, recu.sha256):
            anomalies.append(modifie(recu.nom))
    return anomalies


@contextmanager
def tant_qu_inchanges(recus: Sequence[FichierRecu]) -> Iterator[None]:
    """An error of the reading is not ours when a file has changed under it: then that is said. Raises ArretBloquant."""
    import duckdb  # who only asks whether something has changed does without the engine

    try:
        yield
    except (OSError, duckdb.Error):
        arreter(verifier_inchanges(recus))
        raise


def deposes(entrees: Path) -> dict[str, str]:
    """SHA-256 of each file dropped, for a run that ends before it has said what it read.

    What cannot be read, is no plain file or is too big to be received is left; what is as it was received is not read
    again.
    """
    empreintes = {}
    with suppress(OSError):
        for chemin in sorted(entrees.iterdir()):
            with suppress(OSError):
                etat = chemin.lstat()
                if etat.st_size <= OCTETS_MAX_FICHIER:
                    empreintes[chemin.name] = _EMPREINTES.get(_signature(etat)) or _empreinte(chemin)[1]
    return empreintes


def table_du_nom(nom: str, tables: Iterable[str]) -> str | None:
    """Longest table name that the file name begins with; case and accents do not matter. None if there is none.

    What follows the table name must be `_`, `.`, `-`, a space or a digit: `droits_2025.csv` but not `droitsds.csv`.
    """
    plat = _sans_accent(nom)
    convenables = (
        table for table in tables if plat.startswith(table) and SUITE_DU_NOM.match(plat[len(table) : len(table) + 1])
    )
    return max(convenables, key=len, default=None)


def taille_affichee(octets: int) -> str:
    """Size in the largest binary unit, in French: 4294967296 → `4,0 Gio`."""
    for unite, puissance in (("Gio", 3), ("Mio", 2), ("Kio", 1)):
        if octets >= 1024**puissance:
            return f"{octets / 1024**puissance:.1f} {unite}".replace(".", ",")
    return f"{octets} octets"


def _examiner(
    chemin: Path, tables: Sequence[str], octets_max: int, decider: Callable[[str], str | None]
) -> tuple[FichierRecu | None, list[Anomalie]]:
    nom = nom_affiche(chemin.name)
    if chemin.name.startswith((".", "~$")) or chemin.name.lower() in SYSTEME:
        return None, [_ignore(nom)]
    try:
        etat = chemin.lstat()
    except OSError as erreur:
        return None, [_illisible(nom, erreur)]
    if refus := _nature_refusee(nom, etat.st_mode):
        return None, [refus]
    decidee = decider(nom)
    if decidee == "":
        return None, [_ecarte(nom)]
    table = decidee or table_du_nom(chemin.name, tables)
    if stat.S_ISDIR(etat.st_mode):
        return None, [_sous_dossier(nom, table)]
    if table is None or chemin.suffix.lower() not in EXTENSIONS:
        return None, [_non_reconnu(chemin, nom, table, tables)]
    if not _nom_lisible(chemin.name):
        return None, [
            _bloquant(nom, "nom_illisible", "Le nom du fichier n'est pas un texte.", "Renommez-le sans accent.")
        ]
    if etat.st_size > octets_max:
        message = f"Le fichier fait {taille_affichee(etat.st_size)}, plus que {taille_affichee(octets_max)}."
        return None, [
            _bloquant(nom, "fichier_trop_gros", message, "Découpez-le en plusieurs fichiers de la même table.")
        ]
    try:
        debut = time.time_ns()
        octets, sha256 = _empreinte(chemin)
        apres = chemin.lstat()
    except OSError as erreur:
        return None, [_illisible(nom, erreur)]
    if _signature(etat) != _signature(apres) or octets != etat.st_size:
        return None, [modifie(nom)]
    est_ancien = max(etat.st_mtime_ns, etat.st_ctime_ns) < debut - NS_RECENT
    signature = _signature(etat) if est_ancien else ()
    if signature:
        _EMPREINTES[signature] = sha256
    return FichierRecu(nom, chemin, table, octets, sha256, signature), []


def _empreinte(chemin: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256. Follows no link and never waits on a pipe put in place of the file (OSError)."""
    drapeaux = os.O_RDONLY
    for nom in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_NOINHERIT"):
        drapeaux |= getattr(os, nom, 0)
    somme = hashlib.sha256()
    octets = 0
    with os.fdopen(os.open(chemin, drapeaux), "rb", buffering=0) as flux:
        etat = os.fstat(flux.fileno())
        if not stat.S_ISREG(etat.st_mode):
            raise OSError(errno.EINVAL, "pas un fichier ordinaire")
        while octets <= etat.st_size and (bloc := flux.read(BLOC)):
            octets += len(bloc)
            somme.update(bloc)
    return octets, somme.hexdigest()


def _signature(etat: os.stat_result) -> tuple[int, ...]:
    return etat.st_dev, etat.st_ino, etat.st_size, etat.st_mtime_ns, etat.st_ctime_ns


def _sans_accent(nom: str) -> str:
    decompose = unicodedata.normalize("NFKD", nom.lower())
    return "".join(lettre for lettre in decompose if not unicodedata.combining(lettre))


def _nom_lisible(nom: str) -> bool:
    try:
        nom.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bloquant(nom: str, code: str, message: str, correction: str) -> Anomalie:
    return Anomalie(Gravite.BLOQUANT, code, message, correction, fichier=nom)


def _nature_refusee(nom: str, mode: int) -> Anomalie | None:
    if stat.S_ISLNK(mode):
        return _bloquant(nom, "lien_symbolique", "C'est un lien vers un autre emplacement.", CORRECTION_COPIE)
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        message = "Ce n'est pas un fichier ordinaire (tube, périphérique ou connexion)."
        return _bloquant(nom, "pas_un_fichier", message, CORRECTION_COPIE)
    return None


def _sous_dossier(nom: str, table: str | None) -> Anomalie:
    return Anomalie(
        Gravite.AVERTISSEMENT if table else Gravite.INFORMATION,
        "sous_dossier",
        "C'est un dossier : ce qu'il contient n'est pas lu.",
        "Si ses fichiers sont de cet exercice, placez-les directement dans le dossier d'entrée.",
        fichier=nom,
    )


def _ignore(nom: str) -> Anomalie:
    message = "Fichier technique ou caché : il n'est pas lu."
    correction = ""
    if nom.startswith("~$"):
        message = "Le classeur de ce nom est ouvert dans Excel : ce fichier technique n'est pas lu."
        correction = "Enregistrez et fermez le classeur, pour être sûr que sa dernière version est lue."
    return Anomalie(Gravite.INFORMATION, "fichier_ignore", message, correction, fichier=nom)


def _ecarte(nom: str) -> Anomalie:
    message = "Les correspondances disent de ne pas lire ce fichier."
    return Anomalie(Gravite.INFORMATION, "fichier_ignore", message, "", fichier=nom)


def _non_reconnu(chemin: Path, nom: str, table: str | None, tables: Sequence[str]) -> Anomalie:
    if table:
        return Anomalie(
            Gravite.AVERTISSEMENT,
            "format_non_lu",
            f"Le nom est celui de la table « {table} », mais ce format n'est pas lu.",
            f"Enregistrez-le dans l'un de ces formats : {', '.join(EXTENSIONS)}.",
            fichier=nom,
        )
    debut = re.split(r"[\W\d]", _sans_accent(chemin.stem), maxsplit=1)[0]
    proches = difflib.get_close_matches(debut, tables, n=1, cutoff=0.75)
    if _sans_accent(chemin.stem) == CORRESPONDANCES and chemin.suffix.lower() in EXTENSIONS:
        message = (
            "Les correspondances sont lues à côté des dossiers d'années, pas dedans : ces décisions seraient perdues."
        )
        return _bloquant(nom, "fichier_non_decide", message, "Déplacez le fichier dans le dossier au-dessus.")
    if _est_un_tableau(chemin):
        est_ce = f" Est-ce « {proches[0]} » ?" if proches else ""
        return _bloquant(
            nom,
            "fichier_non_decide",
            LIGNES_PERDUES + est_ce,
            "Dites ce qu'il est dans correspondances.xlsx, ou « ne pas lire » (« gestion-flux apercu » le prépare) ; "
            "ou renommez-le pour qu'il commence par sa table ; ou retirez-le du dossier.",
        )
    if proches and chemin.suffix.lower() in EXTENSIONS:
        return Anomalie(
            Gravite.AVERTISSEMENT,
            "table_inconnue",
            f"Le nom ne commence par aucune table : le fichier n'est pas lu. Est-ce « {proches[0]} » ?",
            f"Renommez-le pour qu'il commence par « {proches[0]} » si c'est cette table.",
            fichier=nom,
        )
    return Anomalie(
        Gravite.INFORMATION,
        "fichier_ignore",
        "Le nom ne commence par aucune table : le fichier n'est pas lu.",
        CORRECTION_NOM.format(tables=", ".join(sorted(tables))),
        fichier=nom,
    )


def _est_un_tableau(chemin: Path) -> bool:
    """True for a workbook, and for a text whose first lines nearly all have the same number of separators."""
    suffixe = chemin.suffix.lower()
    if suffixe not in EXTENSIONS or suffixe not in TEXTES:
        return suffixe in EXTENSIONS
    try:
        with chemin.open("rb") as flux:
            octets = flux.read(ECHANTILLON).replace(b"\0", b"")
    except OSError:
        return False
    lignes = [ligne for ligne in octets.decode("latin-1").splitlines()[:LIGNES_VUES] if ligne.strip()]
    for separateur in CANDIDATS:
        comptes = Counter(ligne.count(separateur) for ligne in lignes)
        nombre = max(comptes, key=lambda n: comptes[n], default=0)
        if nombre and comptes[nombre] >= max(2, PART_EGALE * len(lignes)):
            return True
    return False


def _illisible(nom: str, erreur: OSError) -> Anomalie:
    if isinstance(erreur, FileNotFoundError):
        return modifie(nom)
    motif = "accès refusé" if isinstance(erreur, PermissionError) else f"erreur {erreur.errno} du système"
    return _bloquant(
        nom,
        "fichier_illisible",
        f"Le fichier ne peut pas être lu ({motif}).",
        "Fermez-le s'il est ouvert dans un autre logiciel et vérifiez que vous avez le droit de le lire.",
    )


def modifie(nom: str) -> Anomalie:
    """A file that is no longer what was received."""
    message = "Le fichier a changé, ou a disparu, pendant la lecture."
    return _bloquant(
        nom, "fichier_modifie", message, "Attendez la fin de sa copie ou de son enregistrement, puis relancez."
    )


def _dossier_illisible(entrees: Path, erreur: OSError, tables: Sequence[str]) -> Anomalie:
    nom = nom_affiche(entrees.as_posix())
    if isinstance(erreur, FileNotFoundError):
        message = f"Le dossier d'entrée {nom} n'existe pas."
    elif isinstance(erreur, NotADirectoryError):
        message = f"{nom} n'est pas un dossier."
    else:
        message = f"Le dossier d'entrée {nom} ne peut pas être lu."
    return Anomalie(Gravite.BLOQUANT, "dossier_absent", message, _attendus(tables))


def _dossier_vide(entrees: Path, tables: Sequence[str]) -> Anomalie:
    message = f"Le dossier d'entrée {nom_affiche(entrees.as_posix())} ne contient aucun fichier à lire."
    return Anomalie(Gravite.BLOQUANT, "dossier_vide", message, _attendus(tables))


def _absentes(
    recus: Sequence[FichierRecu], obligatoires: Sequence[str], aussi: Callable[[str], Iterable[str]]
) -> list[Anomalie]:
    recues = {table for recu in recus for table in (recu.table, *aussi(recu.nom))}
    return [
        Anomalie(
            Gravite.BLOQUANT,
            "table_absente",
            f"Aucun fichier de la table « {table} » n'a été reçu : rien ne peut être compté sans elle.",
            f"Déposez un fichier dont le nom commence par « {table} ».",
        )
        for table in obligatoires
        if table not in recues
    ]


def _attendus(tables: Sequence[str]) -> str:
    return (
        "Créez-le s'il le faut et déposez-y les fichiers de l'exercice, chacun sous un nom qui commence par sa table "
        f"({', '.join(sorted(tables))}), dans l'un de ces formats : {', '.join(EXTENSIONS)}."
    )


_DOUBLES_GRAVES = {
    "previsions": "ses prévisions comptent deux fois",
    "droits": "ceux de ses droits qui n'ont pas de logement comptent deux fois",
    "rpls": "l'un des deux n'est pas du millésime qu'il dit",
}


def _doubles(recus: Sequence[FichierRecu], aussi: Callable[[str], Iterable[str]]) -> list[Anomalie]:
    """Files that are the same; an error when their rows would count twice, or when a millésime is missing."""
    premiers: dict[tuple[str, str], str] = {}
    anomalies = []
    for recu in recus:
        premier = premiers.setdefault((recu.table, recu.sha256), recu.nom)
        if premier != recu.nom:
            effets = [_DOUBLES_GRAVES[t] for t in (recu.table, *aussi(recu.nom)) if t in _DOUBLES_GRAVES]
            anomalies.append(
                Anomalie(
                    Gravite.ERREUR if effets else Gravite.AVERTISSEMENT,
                    "fichier_en_double",
                    f"Ce fichier est identique, à l'octet près, à {premier}" + (f" : {effets[0]}." if effets else "."),
                    "Gardez-en un seul.",
                    fichier=recu.nom,
                )
            )
    return anomalies
