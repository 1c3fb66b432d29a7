"""Step 2: every sheet of every input file as rows of text, and what is wrong with the files themselves.

Formats are recognised by content, never by extension. Nothing is typed here: a code, a date or a number is the text
that the user reads in the cell. Workbooks and parquet files are parsed in a bounded process of their own.
"""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from flows import ressources
from flows.anomalies import Anomalie, Gravite
from flows.depot import balayage, ole
from flows.depot.feuilles import Feuille
from flows.depot.isolement import A_REMPLIR, LecteurIsole
from flows.depot.reception import modifie
from flows.depot.textes import lire_texte
from flows.etapes import etape
from flows.personnes import sceau

__all__ = ["Feuille", "extraire", "lire_lignes"]

_EXTENSIONS = {".csv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xls", ".ods": "ods"}
_NOMS = {"csv": "un texte (CSV)", "xlsx": "un classeur Excel (.xlsx)", "xls": "un ancien classeur Excel (.xls)"}
_NOMS |= {"ods": "un classeur LibreOffice (.ods)", "parquet": "un fichier Parquet"}
_PREMIERS_OCTETS = 4096
_BALISES = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"<body", b"<style", b"<!--", b"<workbook")
_ETRANGERS = {
    b"MIME-Version:": "une page web archivée (MHTML), qu'Excel ouvre mais qui n'est pas un classeur",
    b"ID;P": "un classeur SYLK (.slk), d'un très ancien tableur",
    b"\t\x00\x04\x00": "un classeur d'Excel 2 (1987)",
    b"\t\x02\x06\x00": "un classeur d'Excel 3 (1990)",
    b"\t\x04\x06\x00": "un classeur d'Excel 4 (1992)",
    b"\t\x08\x08\x00": "un classeur d'Excel 5 (1993), hors de son conteneur",
    b"\t\x08\x10\x00": "un classeur d'Excel 97, hors de son conteneur",
    b"\x00\x00\x02\x00": "un classeur Lotus 1-2-3",
    b"%PDF": "un document PDF",
    b"\x1f\x8b": "une archive gzip",
    b"7z\xbc\xaf": "une archive 7z",
    b"Rar!": "une archive RAR",
    b"{\\rtf": "un document RTF",
    b"\x28\xb5\x2f\xfd": "une archive Zstandard",
}


@etape("Extraction des feuilles")
def extraire(
    fichiers: list[tuple[str, Path]],
    dossier: Path,
    personnels: Collection[str] = (),
    balayables: Collection[str] = (),
) -> tuple[list[Feuille], list[Anomalie]]:
    """Every sheet of every file as text rows, and the anomalies, in the order of the files.

    `fichiers` are (name shown to the user, path); `dossier` receives one Arrow file a sheet (see `Feuille`).
    `personnels` names those that hold personal data: their rows reach the disk sealed, under a key of this run.
    `balayables` names those that may be scanned where they are (`Feuille.balayable`), when they are sound texts: what
    is to be said of these waits for their scan.
    Blank sheets are left out; hidden ones are given and flagged. A file that cannot be read gives no sheet and a
    blocking anomaly. Never raises for the content of a file.
    """
    dossier.mkdir(parents=True, exist_ok=True)
    feuilles: list[Feuille] = []
    anomalies: list[Anomalie] = []
    cle = sceau.nouvelle_cle()
    taches = []
    for rang, (nom, chemin) in enumerate(fichiers):
        prefixe, sienne = dossier / f"{rang:04d}", cle if nom in personnels else b""
        taches.append(partial(_extraire_un, nom, chemin, prefixe, sienne, nom in balayables))
    # the process of the workbooks works beside this one, which reads the texts; the bytes of big ones are only looked
    # at, by libraries that let others work
    with LecteurIsole() as lecteur, ThreadPoolExecutor(1) as a_cote, ThreadPoolExecutor(ressources.fils()) as ensemble:
        try:
            attendues = {
                rang: (a_cote if est_isole else ensemble).submit(tache, lecteur)
                for rang, (tache, (nom, chemin)) in enumerate(zip(taches, fichiers, strict=True))
                if (est_isole := _genre(_tete(chemin) or b"") != "texte") or nom in balayables
            }
            lus = {rang: tache(lecteur) for rang, tache in enumerate(taches) if rang not in attendues}
            lus |= {rang: attendue.result() for rang, attendue in attendues.items()}
        except BaseException:
            for autres in (a_cote, ensemble):
                autres.shutdown(wait=False, cancel_futures=True)
            lecteur.arreter()
            raise
    for rang, (nom, chemin) in enumerate(fichiers):
        lues, dites = lus[rang]
        feuilles += lues
        anomalies += dites
        if lues and (trompeuse := _extension_trompeuse(nom, chemin, lues[0].format)):
            anomalies.append(trompeuse)
    return feuilles, anomalies


def lire_lignes(feuille: Feuille) -> pl.DataFrame:
    """The rows of an extracted sheet (the first ones, of a text that is scanned where it is)."""
    if feuille.cle:
        return pl.read_ipc(sceau.lire(feuille.lignes, feuille.cle))
    with feuille.lignes.open("rb") as flux:  # a path with brackets would be taken for a pattern
        return pl.read_ipc(flux)


def _extraire_un(
    nom: str, chemin: Path, prefixe: Path, cle: bytes, est_balayable: bool, lecteur: LecteurIsole
) -> tuple[list[Feuille], list[Anomalie]]:
    try:
        return _lire_un(nom, chemin, prefixe, cle, est_balayable, lecteur)
    except OSError:
        if _tete(chemin) is None:
            return [], [modifie(nom)]
        raise  # not of this file: a full disk, for one


def _lire_un(
    nom: str, chemin: Path, prefixe: Path, cle: bytes, est_balayable: bool, lecteur: LecteurIsole
) -> tuple[list[Feuille], list[Anomalie]]:
    tete = _tete(chemin)
    if tete is None:
        return [], [modifie(nom)]
    refus = _refuser(nom, tete)
    if refus is not None:
        return [], [refus]
    genre = _genre(tete)
    if genre == "texte":
        destination = prefixe.with_name(f"{prefixe.name}_000.arrow")
        saine = balayage.examiner(nom, chemin, destination) if est_balayable and not cle else None
        return ([saine], []) if saine else lire_texte(nom, chemin, destination, cle)
    reponse = lecteur.lire(genre, nom, chemin, prefixe, cle)
    if "mort" in reponse:
        for reste in prefixe.parent.glob(f"{prefixe.name}_*.arrow"):
            reste.unlink()
        return [], [_lecture_interrompue(nom, reponse["mort"])]
    feuilles = [_feuille(nom, reponse["format"], champs, cle) for champs in reponse["feuilles"]]
    return feuilles, _dites(reponse)


def refus_de_remplir(nom: str, chemin: Path) -> list[Anomalie]:
    """Why a workbook must not be opened to be written in: in the bounded process, which opens it first."""
    with LecteurIsole() as lecteur:
        reponse = lecteur.lire(A_REMPLIR, nom, chemin, chemin)
    return [_lecture_interrompue(nom, reponse["mort"])] if "mort" in reponse else _dites(reponse)


def _dites(reponse: dict[str, Any]) -> list[Anomalie]:
    return [Anomalie(**(champs | {"gravite": Gravite(champs["gravite"])})) for champs in reponse["anomalies"]]


def _feuille(nom: str, forme: str, champs: dict[str, Any], cle: bytes) -> Feuille:
    fusions = tuple(tuple(fusion) for fusion in champs["fusions"])
    lignes = Path(champs["lignes"])
    return Feuille(nom, **(champs | {"lignes": lignes, "fusions": fusions, "format": forme, "cle": cle}))


def _tete(chemin: Path) -> bytes | None:
    """The first bytes; None when the file cannot be read, or no longer."""
    try:
        with chemin.open("rb") as flux:
            return flux.read(_PREMIERS_OCTETS)
    except OSError:
        return None


def _genre(tete: bytes) -> str:
    if tete.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if tete.startswith(ole.SIGNATURE):
        return "ole"
    return "parquet" if tete.startswith(b"PAR1") else "texte"


def _refuser(nom: str, tete: bytes) -> Anomalie | None:
    """Files that are neither a table of text nor a workbook, recognised by their first bytes."""
    nature = next((nature for debut, nature in _ETRANGERS.items() if tete.startswith(debut)), None)
    if tete.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_BALISES):
        nature = "une page web ou un fichier XML, même si son nom dit autre chose"
    if nature is None:
        return None
    return Anomalie(
        Gravite.BLOQUANT,
        "format_non_pris_en_charge",
        f"Le fichier est {nature}.",
        "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le en .xlsx ou en « CSV UTF-8 » et redéposez-le.",
        nom,
    )


def _extension_trompeuse(nom: str, chemin: Path, forme: str) -> Anomalie | None:
    extension = chemin.suffix.lower()
    if _EXTENSIONS.get(extension, extension.removeprefix(".")) == forme:
        return None
    return Anomalie(
        Gravite.AVERTISSEMENT,
        "extension_trompeuse",
        f"Le nom finit par « {extension} » mais le contenu est {_NOMS[forme]} : il est lu comme tel.",
        "Renommez le fichier avec la bonne extension.",
        nom,
    )


def _lecture_interrompue(nom: str, cause: str) -> Anomalie:
    raison = "trop de temps" if cause == "temps" else "trop de mémoire, ou a fait échouer la lecture"
    return Anomalie(
        Gravite.BLOQUANT,
        "lecture_interrompue",
        f"Le fichier n'a pas pu être lu : il demandait {raison}. Sa lecture, isolée, a été arrêtée.",
        "Ouvrez-le dans Excel ou LibreOffice, supprimez les lignes et colonnes vides autour des tableaux, "
        "enregistrez-le en .xlsx ou en « CSV UTF-8 » et redéposez-le.",
        nom,
    )
