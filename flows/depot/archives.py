"""Is this archive a workbook, and is it safe to hand to a reader? Looked at before anything parses it.

Bounds, on what the central directory announces and then on what really comes out: number of parts, total size, ratio
(real workbooks inflate about 15:1, bombs 1000:1), names that stay inside, no encryption, no DOCTYPE nor ENTITY in any
XML part ("billion laughs"), checksums.
"""

import codecs
import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from flows.anomalies import Anomalie, Gravite

BLOC = 1 << 20
PARTIES_MAX = 10_000
OCTETS_MAX = 2 << 30
GROS = 20 << 20  # below this size inflated, a high ratio is harmless
RAPPORT_MAX = 250
RESTE_MAX = 32 << 20
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ATTRIBUT = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TYPE_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


class Refus(Exception):
    """A file that is not read: carries the one blocking anomaly that says why."""

    def __init__(self, code: str, message: str, correction: str, **ou: str | int) -> None:
        super().__init__(code)
        self.code, self.message, self.correction, self.ou = code, message, correction, ou

    def anomalie(self, fichier: str) -> Anomalie:
        """The blocking anomaly, for this file."""
        return Anomalie(
            Gravite.BLOQUANT,
            self.code,
            self.message,
            self.correction,
            fichier,
            feuille=str(self.ou.get("feuille", "")),
            ligne=int(self.ou["ligne"]) if "ligne" in self.ou else None,
            colonne=str(self.ou.get("colonne", "")),
            valeur=str(self.ou.get("valeur", "")),
        )


def ouvrir(chemin: Path) -> tuple[zipfile.ZipFile, str]:
    """The archive and the format of the workbook in it, `xlsx` or `ods`. Raises Refus."""
    try:
        archive = zipfile.ZipFile(chemin)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError) as erreur:
        raise abime() from erreur
    try:
        _verifier_sommaire(archive, chemin.stat().st_size)
        return archive, _format(archive)
    except BaseException:
        archive.close()
        raise


def parties_xml(archive: zipfile.ZipFile) -> list[str]:
    """Names of the XML parts, in the order of the archive."""
    return [nom for nom in archive.namelist() if nom.lower().endswith((".xml", ".rels"))]


def nom_normal(nom: str) -> str:
    """Name of a part as readers look for it: no case, `/` between folders, none in front."""
    return nom.replace("\\", "/").lstrip("/").casefold()


def nom_reel(archive: zipfile.ZipFile, nom: str) -> str:
    """Name under which the archive holds a part, whatever its case and its slashes; `nom` when it has none."""
    return next((n for n in archive.namelist() if nom_normal(n) == nom_normal(nom)), nom)


def lire_partie(archive: zipfile.ZipFile, nom: str, octets_max: int = 64 << 20) -> bytes:
    """A whole small part; b"" when it is absent. Raises Refus."""
    nom = nom_reel(archive, nom)
    try:
        taille = archive.getinfo(nom).file_size
    except KeyError:
        return b""
    if taille > octets_max:
        raise suspecte(f"sa partie {nom} est démesurée")
    return b"".join(morceaux(archive, nom, xml=nom.lower().endswith((".xml", ".rels"))))


def balises(xml: bytes, *noms: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(name, attributes) of the elements of these names, prefixes aside, in the order of a small part."""
    cherchees = re.compile(r"<(?:\w+:)?(" + "|".join(noms) + r""")(?=[\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)>""")
    for trouve in cherchees.finditer(xml.decode("utf-8", "replace")):
        yield trouve[1], {a[0]: unescape(a[1] or a[2]) for a in _ATTRIBUT.findall(trouve[2])}


def morceaux(archive: zipfile.ZipFile, nom: str, xml: bool = True, annexe: bool = False) -> Iterator[bytes]:
    """A part, block by block, checked as it comes out. Raises Refus.

    An `annexe` is a part that no reader of cells opens (custom data, properties): UTF-16 is no fault there, and it
    comes out in UTF-8.
    """
    fin = b""
    try:
        with archive.open(nom) as partie:
            decodeur = None
            while bloc := partie.read(BLOC):
                if annexe and not fin and bloc.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    decodeur = codecs.getincrementaldecoder("utf-16")()
                if decodeur is not None:
                    bloc = decodeur.decode(bloc).encode()
                suite = fin + bloc
                if xml:
                    if _DECLARATION.search(suite):
                        raise suspecte("une de ses parties XML déclare un DOCTYPE ou une entité")
                    if 0 in bloc:
                        raise suspecte("une de ses parties XML n'est pas en UTF-8")
                fin = bloc[-32:]
                yield bloc
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as erreur:
        raise abime() from erreur
    except RuntimeError as erreur:  # what zipfile raises for an encrypted part
        raise protege() from erreur


def elements(blocs: Iterator[bytes], *bornes: bytes) -> Iterator[bytes]:
    """The same bytes in pieces that end just before one of the `bornes`, so that no element is cut in two."""
    reste = b""
    for bloc in blocs:
        reste += bloc
        coupure = max(reste.rfind(borne) for borne in bornes)
        if coupure <= 0 and len(reste) > RESTE_MAX:
            raise suspecte("une de ses lignes est démesurée")
        if coupure > 0:
            yield reste[:coupure]
            reste = reste[coupure:]
    yield reste


def abime() -> Refus:
    """A damaged or cut file."""
    return Refus(
        "fichier_tronque",
        "Le classeur est tronqué ou abîmé : son contenu n'est pas entier.",
        "Redemandez le fichier, ou ouvrez-le dans Excel ou LibreOffice et réenregistrez-le.",
    )


def protege() -> Refus:
    """A workbook that asks for a password."""
    return Refus(
        "classeur_protege",
        "Le classeur est protégé par un mot de passe : il ne peut pas être lu.",
        "Ouvrez-le, retirez le mot de passe (Fichier, Informations, Protéger), enregistrez-le et redéposez-le.",
    )


def suspecte(raison: str) -> Refus:
    """An archive that no spreadsheet writes."""
    return Refus(
        "archive_suspecte",
        f"Le classeur n'est pas lu par prudence : {raison}.",
        "Ouvrez-le dans Excel ou LibreOffice, copiez les données dans un classeur neuf et redéposez-le.",
    )


def _verifier_sommaire(archive: zipfile.ZipFile, octets: int) -> None:
    parties = archive.infolist()
    noms = [partie.filename for partie in parties]
    total = sum(partie.file_size for partie in parties)
    if len(parties) > PARTIES_MAX:
        raise suspecte(f"son archive a {len(parties)} parties")
    if any(_sort_du_dossier(nom) for nom in noms):
        raise suspecte("une de ses parties a un nom qui sort de l'archive")
    if len({nom_normal(nom) for nom in noms}) < len(noms):
        raise suspecte("deux de ses parties ont le même nom")
    if any(partie.flag_bits & 0x1 for partie in parties):
        raise protege()
    grosses = (
        partie.file_size > RAPPORT_MAX * max(partie.compress_size, 1) for partie in parties if partie.file_size > GROS
    )
    if total > OCTETS_MAX or any(grosses) or (total > GROS and total > RAPPORT_MAX * octets):
        raise suspecte(
            f"{octets >> 10} Kio en donneraient {total >> 20} Mio une fois décompressés (bombe de décompression)"
        )


def _sort_du_dossier(nom: str) -> bool:
    return nom.startswith(("/", "\\")) or ":" in nom or ".." in re.split(r"[/\\]", nom)


def _format(archive: zipfile.ZipFile) -> str:
    noms = set(archive.namelist())
    normaux = {nom_normal(nom) for nom in noms}
    if "xl/workbook.xml" in normaux:
        return "xlsx"
    if (
        "mimetype" in noms
        and lire_partie(archive, "mimetype", 1024).strip().startswith(_TYPE_ODS)
        and "content.xml" in noms
    ):
        if b"encryption-data" in lire_partie(archive, "META-INF/manifest.xml"):
            raise protege()
        return "ods"
    nature = "un classeur binaire (.xlsb)" if "xl/workbook.bin" in normaux else "une archive qui n'est pas un classeur"
    raise Refus(
        "format_non_pris_en_charge",
        f"Le fichier est {nature}.",
        "Enregistrez les données en .xlsx, .ods ou .csv ; sortez d'une archive les fichiers qu'elle contient.",
    )
