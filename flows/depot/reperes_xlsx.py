"""What the XML of an .xlsx says: merged ranges, formulas without value, formats, far cells, links and macros.

The XML is searched by blocks, never built as a tree: 250 MB in a few seconds, in flat memory.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from posixpath import join, normpath

from flows.depot.adresses_xlsx import Adressage
from flows.depot.archives import balises, elements, lire_partie, morceaux, nom_normal, nom_reel, parties_xml
from flows.depot.feuilles import CHIFFRES_PERDUS, adresse
from flows.depot.reperes import AIRE_LIBRE, Contenu, Etendue, Reperes, format_utile

# Below this size every cell is looked at; above, only when the sheet says that it goes beyond AIRE_LIBRE.
OCTETS_PARCOURUS = 30 << 20

_P, _F, _G = rb"<(?:\w+:)?", rb"</(?:\w+:)?", rb"[\"']"  # opening and closing of an element, quote
_CELLULE = re.compile(_P + rb"c\s(?:[^>]*?\s)?r=" + _G + rb"([A-Z]{1,7})(\d{1,9})" + _G + rb"(?:[^>]*[^/>])?>(?!</)")
_FORMULE = re.compile(
    _P + rb"c\b([^>]*)>\s*" + _P + rb"f\b(?:[^>]*/>|[^>]*>[^<]*" + _F + rb"f>)\s*"
    rb"(" + _P + rb"v\s*/>|" + _P + rb"v>\s*" + _F + rb"v>)?\s*" + _F + rb"c>"
)
_FUSION = re.compile(_P + rb"mergeCell\b[^>]*\bref=" + _G + rb"([A-Z]+\d+):([A-Z]+\d+)")
_BALISE_FORMULE = re.compile(rb"[<:]f[\s>/]")
_DIMENSION = re.compile(_P + rb"dimension\b[^>]*\bref=" + _G + rb"(?:[A-Z]+\d+:)?([A-Z]+\d+)")
_ADRESSE = re.compile(rb"\br=" + _G + rb"([A-Z]+\d+)")
_NON_NUMERIQUE = re.compile(rb"\bt=" + _G + rb"(?!n" + _G + rb")")
_TEXTE = re.compile(rb"\bt=" + _G + rb"str")
_MASQUEE = re.compile(_P + rb"row\b[^>]*\bhidden=" + _G + rb"(?:1|true)")
_GRAND = rb"(?:[0-9]{16,}|[0-9](?:\.[0-9]+)?[eE]\+?(?:1[5-9]|[2-9][0-9]))"
_GRAND_NOMBRE = re.compile(
    _P + rb"c\b([^>]*)>(?:" + _P + rb"f\b[^<]*" + _F + rb"f>)?" + _P + rb"v>" + _GRAND + rb"(?:\.[0-9]*)?<"
)
_UN_GRAND = re.compile(rb">" + _GRAND + rb"[.<]")
_PROPRIETES = re.compile(_P + rb"workbookPr\b[^>]*>(?:[^<]*" + _F + rb"workbookPr>)?")
_DEPUIS_1904 = re.compile(rb"\bdate1904\s*=\s*(" + _G + rb")\s*(\w+)\s*" + _G)
_EXTENSIONS = re.compile(_P + rb"extLst\b(?:[^>]*/>|.*?" + _F + rb"extLst>)", re.DOTALL)
_LUES = ("xl/workbook", "xl/_rels/", "xl/worksheets/", "xl/styles", "xl/sharedstrings", "[content_types]", "_rels/")
"""Parts that the reader of cells opens, or that lead to them."""


def examiner(archive: zipfile.ZipFile) -> Contenu:
    """Goes once through every XML part. Raises Refus for what must not be read."""
    contenu = Contenu()
    noms = archive.namelist()
    contenu.a_des_macros = any(nom.lower().endswith("vbaproject.bin") for nom in noms)
    contenu.a_des_liens = any(
        nom_normal(nom).startswith("xl/externallinks/") or nom_normal(nom) == "xl/connections.xml" for nom in noms
    )
    feuilles = _parties_des_feuilles(archive, contenu)
    formats = _formats(lire_partie(archive, "xl/styles.xml"))
    for nom in dict.fromkeys((*parties_xml(archive), *feuilles)):
        if nom in feuilles:
            contenu.feuilles[feuilles[nom]] = _examiner_feuille(archive, nom, feuilles[nom], formats)
            continue
        for bloc in morceaux(archive, nom, annexe=not nom_normal(nom).startswith(_LUES)):
            if nom_normal(nom).startswith("xl/externallinks/") and b"ddeLink" in bloc:
                contenu.a_du_dde = True
    return contenu


def _parties_des_feuilles(archive: zipfile.ZipFile, contenu: Contenu) -> dict[str, str]:
    """Part of the archive, as it is named there → name of the sheet."""
    liens = balises(lire_partie(archive, "xl/_rels/workbook.xml.rels"), "Relationship")
    cibles = {lien.get("Id", ""): lien.get("Target", "").replace("\\", "/") for _, lien in liens}
    livre = lire_partie(archive, "xl/workbook.xml")
    contenu.octets = _une_epoque(archive, livre)
    parties = {}
    for balise, attributs in balises(livre, "sheet", "calcPr"):
        lien = next((valeur for nom, valeur in attributs.items() if nom.endswith(":id")), "")
        if balise == "calcPr":
            contenu.recalcul_demande = attributs.get("fullCalcOnLoad") in ("1", "true")
        elif cible := cibles.get(lien):
            partie = cible.lstrip("/") if cible.startswith("/") else normpath(join("xl", cible))
            if (reel := nom_reel(archive, partie)) in archive.namelist():
                parties[reel] = attributs.get("name", "")
    return parties


def _une_epoque(archive: zipfile.ZipFile, livre: bytes) -> bytes | None:
    """The workbook with a single `workbookPr`, that says as the reader expects if days are counted from 1904; None
    when it is so already.

    Excel 2013 and later write a second one in an extension. The reader takes the last for the only one, and forgets
    with it the day from which days are counted; it also knows nothing of `date1904=" 1 "`.
    """
    premier, *autres = _PROPRIETES.findall(_EXTENSIONS.sub(b"", livre)) or [b""]
    dit = _DEPUIS_1904.search(premier)
    voulu = _DEPUIS_1904.sub(b'date1904="%d"' % (dit[2].lower() in (b"1", b"true", b"on")), premier) if dit else premier
    clair = dit is None or dit[0][len(b"date1904=") + 1 : -1] in (b"0", b"1", b"true", b"false")
    if (clair and len(_PROPRIETES.findall(livre)) < 2) or archive.filename is None:
        return None
    nettoye = _EXTENSIONS.sub(b"", livre)
    for autre in autres:
        nettoye = nettoye.replace(autre, b"", 1) if autre != premier else nettoye
    nettoye = nettoye.replace(premier, voulu)
    tampon = io.BytesIO(Path(archive.filename).read_bytes())
    nom = nom_reel(archive, "xl/workbook.xml")
    with zipfile.ZipFile(tampon, "a") as copie:  # the other parts are not compressed again
        copie.filelist.remove(copie.NameToInfo.pop(nom))
        copie.writestr(nom, nettoye, zipfile.ZIP_DEFLATED)
    return tampon.getvalue()


def _formats(styles: bytes) -> dict[bytes, str]:
    """Number of a cell style → what it changes, for the styles that change something."""
    codes = {"9": "0%", "10": "0.00%"}
    codes |= {format_.get("numFmtId", ""): format_.get("formatCode", "") for _, format_ in balises(styles, "numFmt")}
    cellules = styles.partition(b"cellXfs")[2].partition(b"cellXfs")[0]
    utiles = (format_utile(codes.get(style.get("numFmtId", ""), "")) for _, style in balises(cellules, "xf"))
    return {str(rang).encode(): utile for rang, utile in enumerate(utiles) if utile}


def _examiner_feuille(archive: zipfile.ZipFile, nom: str, feuille: str, formats: dict[bytes, str]) -> Reperes:
    reperes, etendue = Reperes(), Etendue()
    cherchees = None
    if formats:
        numeros = b"|".join(formats)
        cherchees = re.compile(_P + rb"c\s([^>]*?\bs=" + _G + rb"(" + numeros + rb")" + _G + rb"(?:[^>]*[^/>])?)>")
    parcourir = archive.getinfo(nom).file_size <= OCTETS_PARCOURUS
    adresses = Adressage()
    for rang, brut in enumerate(elements(morceaux(archive, nom), b"<row", b"<mergeCell", b":row")):
        texte = adresses.completer(brut)
        if rang == 0:
            annonce = _DIMENSION.search(texte)
            lignes, colonnes = adresse(annonce[1].decode()) if annonce else (0, 0)
            parcourir = parcourir or not 0 < lignes * colonnes <= AIRE_LIBRE
        if parcourir:
            for lettres_lues, ligne in _CELLULE.findall(texte):
                etendue.voir(*adresse((lettres_lues + ligne).decode()))
        if _BALISE_FORMULE.search(texte):
            reperes.a_des_formules = True
            reperes.sans_valeur += _sans_valeur(texte)
        if cherchees is not None:
            for attributs, style in cherchees.findall(texte):
                if (ou := _ADRESSE.search(attributs)) and not _NON_NUMERIQUE.search(attributs):
                    reperes.formats[adresse(ou[1].decode())] = formats[style]
        if b"hidden=" in texte:
            reperes.lignes_masquees += len(_MASQUEE.findall(texte))
        if _UN_GRAND.search(texte):
            reperes.textes |= dict.fromkeys(_grands_nombres(texte), CHIFFRES_PERDUS)
        if b"mergeCell" in texte:
            reperes.fusionner(_fusions(texte), feuille)
    etendue.verifier(feuille)
    return reperes


def _sans_valeur(texte: bytes) -> Iterator[tuple[int, int]]:
    """Formulas without a cached result. An empty one is a result when the cell is said to be a text."""
    for trouve in _FORMULE.finditer(texte):
        ou = _ADRESSE.search(trouve[1])
        resultat_vide = trouve[2] and _TEXTE.search(trouve[1])
        if ou and not resultat_vide:
            yield adresse(ou[1].decode())


def _grands_nombres(texte: bytes) -> Iterator[tuple[int, int]]:
    """Numbers of more than 15 digits: a spreadsheet does not keep the others."""
    for trouve in _GRAND_NOMBRE.finditer(texte):
        if (ou := _ADRESSE.search(trouve[1])) and not _NON_NUMERIQUE.search(trouve[1]):
            yield adresse(ou[1].decode())


def _fusions(texte: bytes) -> Iterator[tuple[int, int, int, int]]:
    for debut, fin in _FUSION.findall(texte):
        haut, gauche = adresse(debut.decode())
        bas, droite = adresse(fin.decode())
        if (haut, gauche) != (bas, droite):
            yield min(haut, bas), min(gauche, droite), max(haut, bas), max(gauche, droite)
