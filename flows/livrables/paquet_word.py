"""What a Word template may hold: its parts, its relations, its fields. All the rest is refused, whatever it is.

Its parts are found by the reader of python-docx, which writes the documents: what is looked at here is what they will
hold. A part, a relation or a field is admitted because an ordinary .docx has it, never for want of a bad name.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from typing import Any

from docx.opc.exceptions import OpcError
from docx.opc.pkgreader import PackageReader
from lxml import etree

OCTETS_MAX = 10 * 1024 * 1024
OCTETS_DEPLIES_MAX = 60 * 1024 * 1024

_LECTEUR: Any = PackageReader
_ILLISIBLE = (OpcError, SyntaxError, KeyError, ValueError, AttributeError, TypeError, RecursionError)
_PARTIE = re.compile(
    r"application/vnd\.openxmlformats-officedocument\.(?:"
    r"wordprocessingml\.(?:document\.main|document\.glossary|styles|settings|webSettings|fontTable|numbering|header|"
    r"footer|footnotes|endnotes|comments|commentsExtended|commentsIds|commentsExtensible|people)\+xml|"
    r"wordprocessingml\.printerSettings|obfuscatedFont|"
    r"(?:theme|themeOverride|extended-properties|custom-properties|customXmlProperties|drawingml\.diagram\w+)\+xml)|"
    r"application/vnd\.openxmlformats-package\.core-properties\+xml|"
    r"application/vnd\.ms-word\.(?:stylesWithEffects|people|comments\w+)\+xml|"
    r"application/vnd\.ms-office\.(?:drawingml\.diagramDrawing|classificationlabels|intelligence2)\+xml|"
    r"application/(?:xml|x-font-ttf)|image/(?:png|jpe?g|gif|bmp|tiff|svg\+xml|(?:x-)?(?:emf|wmf))"
)
"""Types of the parts that Word and LibreOffice save in an ordinary document."""
_ADRESSE = re.compile(r"https?://|mailto:|#", re.IGNORECASE)
_LIENS = ("/officeDocument/2006/relationships", "/ooxml/officeDocument/relationships")

_CHAMPS = frozenset(
    "= PAGE NUMPAGES SECTION SECTIONPAGES PAGEREF REF NOTEREF STYLEREF SEQ TOC TC INDEX XE LISTNUM HYPERLINK DATE "
    "MERGEFIELD TIME CREATEDATE SAVEDATE PRINTDATE EDITTIME AUTHOR LASTSAVEDBY TITLE SUBJECT KEYWORDS COMMENTS REVNUM "
    "DOCPROPERTY NUMWORDS NUMCHARS FILENAME FILESIZE USERNAME USERINITIALS FORMTEXT FORMCHECKBOX FORMDROPDOWN SYMBOL "
    "EQ ADVANCE".split()
)
"""Fields that only show what the document holds. Left out: those that fetch or run (DDE, DDEAUTO, LINK, INCLUDETEXT,
INCLUDEPICTURE, IMPORT, RD, DATABASE, EMBED, MACROBUTTON, PRINT, ADDIN…), and IF, QUOTE, SET, ASK, by which a field is
built from another: a template chooses with {% if %}."""
_HYPERLIEN = re.compile(r"HYPERLINK\s+(?:\\|\"?\s*(?:https?://|mailto:|#))", re.IGNORECASE)
_INTERDITS = {
    "altChunk": "un autre fichier incorporé", "subDoc": "un sous-document", "object": "un objet incorporé",
    "OLEObject": "un objet incorporé", "control": "un contrôle ActiveX", "attachedTemplate": "un modèle lié",
    "mailMerge": "une source de publipostage", "frameset": "un jeu de cadres", "webVideoPr": "une vidéo en ligne",
    "saveThroughXslt": "une transformation liée", "script": "un script", "foreignObject": "un script",
}  # fmt: skip
_APPEL_SVG = re.compile(r"url\(\s*[\"']?(?!#|data:|[\"'\s])|@import", re.IGNORECASE)
_CODE = ("instrText", "delInstrText")
_IMAGE_LIEE = "Le document va chercher un contenu extérieur (image liée) : incorporez-le."
_CHAMP_MAL_FORME = "Un champ Word est mal formé : supprimez-le, puis insérez-le à nouveau."
_CHAMP_DANS_UN_CODE = "Un champ du modèle est dans le code d'un champ Word : mettez-le dans le texte."


class ModeleRefuse(Exception):
    """What is wrong with a template, in French."""


def verifier_paquet(octets: bytes) -> None:
    """Raises ModeleRefuse for bytes that are not a Word document without macro, outside content, object nor entity."""
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            if sum(info.file_size for info in archive.infolist()) > OCTETS_DEPLIES_MAX:
                raise ModeleRefuse("Le document est trop gros une fois déplié.")
            parties = {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as erreur:
        raise ModeleRefuse("Ce n'est pas un document Word .docx (ou il est protégé par un mot de passe).") from erreur
    for nom, contenu in parties.items():
        if nom.endswith("vbaProject.bin") or "/embeddings/" in nom or "/activeX/" in nom:
            raise ModeleRefuse("Le document contient une macro ou un objet incorporé : enregistrez-le sans.")
        if nom.endswith(".rels"):
            _verifier_relations(contenu)
    try:
        lues = list(_LECTEUR.from_file(io.BytesIO(octets)).iter_sparts())
    except _ILLISIBLE as erreur:
        raise ModeleRefuse("Ce fichier n'est pas un document Word lisible.") from erreur
    verifier_parties((str(nom), str(genre), contenu) for nom, genre, _, contenu in lues)


def verifier_parties(parties: Iterable[tuple[str, str, bytes]]) -> None:
    """Raises ModeleRefuse for a part (name, type, bytes) that an ordinary document has not, or for what it holds."""
    for nom, genre, contenu in parties:
        if not _PARTIE.fullmatch(genre):
            raise ModeleRefuse(
                f"Le document contient « {nom.lstrip('/')} » ({genre}), qu'un document Word ordinaire n'a pas : "
                "enregistrez-le sans, en .docx."
            )
        if genre.endswith("xml"):
            racine = lire_xml(contenu)
            _verifier_elements(racine)
            _verifier_champs(racine)


def lire_xml(contenu: bytes) -> Any:
    """The root of a part. Raises ModeleRefuse when it cannot be read or declares anything (no entity is resolved)."""
    try:
        racine: Any = etree.fromstring(contenu, etree.XMLParser(resolve_entities=False, no_network=True))
    except (SyntaxError, ValueError) as erreur:
        raise ModeleRefuse("Ce fichier n'est pas un document Word lisible.") from erreur
    if racine.getroottree().docinfo.internalDTD is not None:
        raise ModeleRefuse("Le document contient une déclaration d'entité : enregistrez-le à nouveau depuis Word.")
    return racine


def _verifier_relations(contenu: bytes) -> None:
    """Nothing is outside the document but the address of a link that its reader clicks on."""
    for element in lire_xml(contenu).iter("{*}*"):
        genre, cible = element.get("Type", ""), element.get("Target", "")
        if element.get("TargetMode") in (None, "Internal"):
            continue
        if genre.endswith("/attachedTemplate"):
            raise ModeleRefuse(
                "Le document va chercher un contenu extérieur : le modèle dont il est issu. Dans Word, Développeur, "
                "Modèle de document : écrivez « Normal »."
            )
        if genre.endswith("/hyperlink") and not _ADRESSE.match(cible):
            raise ModeleRefuse(f"Le lien « {cible} » n'est ni une page (http, https) ni un courriel (mailto).")
        if not genre.endswith("/hyperlink"):
            raise ModeleRefuse("Le document va chercher un contenu extérieur (image ou modèle lié) : incorporez-le.")


def _verifier_elements(racine: Any) -> None:
    """Nothing that fetches or runs, and no word of the template's language where Word writes none."""
    for element in racine.iter():
        if not isinstance(element.tag, str):
            if "{" in str(element.text):  # a comment is text for the template: what it begins could end elsewhere
                raise ModeleRefuse("Un champ du modèle est dans un commentaire XML : enregistrez-le depuis Word.")
            continue
        espace, _, nom = element.tag.rpartition("}")
        if nom in _INTERDITS:
            raise ModeleRefuse(f"Le document contient {_INTERDITS[nom]} : enregistrez-le sans.")
        if len(element) and "{" in _texte(element):
            raise ModeleRefuse("Un champ du modèle est entre deux éléments du document : enregistrez-le depuis Word.")
        for cle, valeur in element.attrib.items():
            if "{%" in valeur or "{#" in valeur:
                raise ModeleRefuse(f"L'instruction « {valeur} » n'est pas dans le texte : mettez-l'y.")
            if _est_un_appel(cle, valeur, espace):
                raise ModeleRefuse(_IMAGE_LIEE)
        if espace.endswith("/svg") and any(map(_APPEL_SVG.search, (_texte(element), *element.attrib.values()))):
            raise ModeleRefuse(_IMAGE_LIEE)


def _est_un_appel(cle: str, valeur: str, espace: str) -> bool:
    """True for an attribute by which a picture is outside the document; `espace`: that of its element."""
    sien, _, nom = cle.rpartition("}")
    if nom not in ("link", "href", "src", "althref") or valeur.startswith(("#", "data:image/")):
        return False
    lieu = sien or espace
    if lieu.endswith(_LIENS):
        return nom in ("link", "href")
    return lieu.endswith(("/svg", "/xlink", ":office:office")) or (lieu.endswith(":vml") and nom == "src")


def _verifier_champs(racine: Any) -> None:
    """Raises ModeleRefuse for a field of Word that is not of the list, in however many runs its code is written.

    Between its beginning and its result a field has nothing of the template's language: else what is read here would
    not be what the document says once filled.
    """
    for simple in racine.iter("{*}fldSimple"):
        _verifier_code(_attribut(simple, "instr"))
    if next(racine.iter("{*}fldChar", "{*}instrText", "{*}delInstrText"), None) is None:
        return
    ouverts: list[tuple[Any, list[str]] | None] = []
    """The fields begun: their paragraph and their code, or None once their result has begun."""
    for element in racine.iter("*"):
        nom, dernier = element.tag.rpartition("}")[2], ouverts[-1] if ouverts else None
        if nom == "fldChar":
            genre, paragraphe = _attribut(element, "fldCharType"), next(element.iterancestors("{*}p"), None)
            if genre == "begin":
                ouverts.append((paragraphe, []))
            elif not ouverts or genre not in (("separate", "end") if dernier else ("end",)):
                raise ModeleRefuse(_CHAMP_MAL_FORME)
            else:
                if dernier and dernier[0] is not paragraphe:
                    raise ModeleRefuse("Un champ Word a son code dans plusieurs paragraphes : mettez-le dans un seul.")
                if dernier:
                    _verifier_code("".join(dernier[1]))
                ouverts[-1:] = [None] if genre == "separate" else []
        elif nom in _CODE:
            if dernier is None:
                raise ModeleRefuse(_CHAMP_MAL_FORME)
            dernier[1].append(_texte(element))
        elif any(ouverts) and "{" in (element.text or ""):
            raise ModeleRefuse(_CHAMP_DANS_UN_CODE)
    if any(ouverts):
        raise ModeleRefuse(_CHAMP_MAL_FORME)


def _verifier_code(code: str) -> None:
    mots = code.split()
    nom = "=" if code.lstrip().startswith("=") else (mots or [""])[0].upper()
    if nom not in _CHAMPS:
        raise ModeleRefuse(
            f"Le champ Word « {nom} » n'est pas admis : supprimez-le (Alt+F9 montre les champs dans Word)."
        )
    if nom == "HYPERLINK" and not _HYPERLIEN.match(code.strip()):
        raise ModeleRefuse(f"Le lien « {code.strip()} » n'est ni une page (http, https) ni un courriel (mailto).")
    if "{" in code:
        raise ModeleRefuse(_CHAMP_DANS_UN_CODE)


def _texte(element: Any) -> str:
    """The text of an element, without that of those it holds."""
    return (element.text or "") + "".join(fils.tail or "" for fils in element)


def _attribut(element: Any, nom: str) -> str:
    return next((str(valeur) for cle, valeur in element.attrib.items() if cle.rpartition("}")[2] == nom), "")
