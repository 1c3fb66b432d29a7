"""What the XML of an .ods says: merged ranges, errors, formulas without value, percentages, far cells, links, macros.

Nothing in an .ods says where a cell is: rows and columns are counted, repetitions included.
"""

import re
import zipfile
from html import unescape

from flows.depot.archives import Refus, elements, morceaux, parties_xml
from flows.depot.feuilles import CHIFFRES_PERDUS, ERREUR_AUTRE
from flows.depot.reperes import Contenu, Etendue, Reperes

_BALISE = re.compile(
    rb"<(/?)table:(table-row|table-cell|covered-table-cell|table)(?=[\s/>])"
    rb"""((?:[^>"'/]|/(?!>)|"[^"]*"|'[^']*')*)(/?)>"""
)
_ATTRIBUT = re.compile(rb"""([\w:-]+)=(?:"([^"]*)"|'([^']*)')""")
_PARAGRAPHE = re.compile(rb"<text:p\b[^>]*>([^<]*)")
_LIENS = re.compile(rb"<table:(?:cell-range-source|table-source)\b|'file:|<table:dde-link|office:dde-source")
_ZERO = re.compile(rb"""-repeated=(["'])0*\1""")
_CHIFFRES_MAX = 15
_GRAND = 10**15
_REMPLIE = (b"office:value-type", b"calcext:value-type")


def examiner(archive: zipfile.ZipFile) -> Contenu:
    """Goes once through every XML part. Raises Refus for what must not be read."""
    contenu = Contenu()
    contenu.a_des_macros = any(nom.startswith(("Basic/", "Scripts/")) for nom in archive.namelist())
    for nom in parties_xml(archive):
        if nom == "content.xml":
            _examiner_contenu(archive, contenu)
        else:
            for _ in morceaux(archive, nom, annexe=nom not in ("styles.xml", "META-INF/manifest.xml")):
                pass
    return contenu


def _examiner_contenu(archive: zipfile.ZipFile, contenu: Contenu) -> None:
    compteur = _Compteur(contenu)
    for texte in elements(morceaux(archive, "content.xml"), b"<table:table"):
        for lien in _LIENS.findall(texte):
            contenu.a_des_liens = True
            contenu.a_du_dde = contenu.a_du_dde or b"dde" in lien
        for balise in _BALISE.finditer(texte):
            compteur.lire(balise, texte)
    compteur.fermer()


class _Compteur:
    """Where the reading of the content is: sheet, row, column."""

    def __init__(self, contenu: Contenu) -> None:
        self.contenu = contenu
        self.feuille, self.reperes, self.etendue = "", Reperes(), Etendue()
        self.ligne = self.colonne = self.repetee = 1
        self.ouverte = False  # a sheet inside a cell hides the rows that follow from the reader
        self.masquees = 0  # rows that the open row hides, until one of its cells is filled

    def lire(self, balise: re.Match[bytes], texte: bytes) -> None:
        """Takes one opening or closing tag into account."""
        fermante, nom, attributs_lus, vide = balise.groups()
        if b"-repeated" in attributs_lus and _ZERO.search(attributs_lus):
            raise _refus(self.feuille, "une ligne ou une colonne y est répétée zéro fois")
        if nom == b"table":
            self.fermer()
            if not fermante and self.ouverte:
                raise _refus(self.feuille, "un tableau y est dans une cellule")
            self.ouverte = not fermante and not vide
            if not fermante:
                self._ouvrir(_attributs(balise).get(b"table:name", b""))
        elif nom == b"table-row":
            if not fermante:
                attributs = _attributs(balise)
                self.repetee, self.colonne = _nombre(attributs, b"table:number-rows-repeated"), 1
                masquee = attributs.get(b"table:visibility", b"visible") != b"visible"
                self.masquees = self.repetee if masquee else 0
            if fermante or vide:
                self.ligne += self.repetee
        elif not fermante:
            self._lire_cellule(_attributs(balise), texte, balise.end())

    def fermer(self) -> None:
        """Ends the sheet."""
        self.etendue.verifier(self.feuille)

    def _ouvrir(self, nom: bytes) -> None:
        self.feuille, self.reperes, self.etendue = unescape(nom.decode("utf-8", "replace")), Reperes(), Etendue()
        self.contenu.feuilles[self.feuille] = self.reperes
        self.ligne = 1

    def _lire_cellule(self, attributs: dict[bytes, bytes], texte: bytes, suite: int) -> None:
        repetee = _nombre(attributs, b"table:number-columns-repeated")
        remplie = any(nom in attributs for nom in _REMPLIE)
        formule = b"table:formula" in attributs
        if remplie or formule:
            derniere = self.ligne + self.repetee - 1, self.colonne + repetee - 1
            self.etendue.voir(*derniere, self.repetee * repetee)
            self.reperes.a_des_formules |= formule
            self.reperes.lignes_masquees += self.masquees
            self.masquees = 0
            self._noter(attributs, texte, suite, (self.ligne, self.colonne), derniere)
        bas = self.ligne + _nombre(attributs, b"table:number-rows-spanned") - 1
        droite = self.colonne + _nombre(attributs, b"table:number-columns-spanned") - 1
        if (bas, droite) != (self.ligne, self.colonne):
            self.reperes.fusionner([(self.ligne, self.colonne, bas, droite)], self.feuille)
        self.colonne += repetee

    def _noter(
        self,
        attributs: dict[bytes, bytes],
        texte: bytes,
        suite: int,
        premiere: tuple[int, int],
        derniere: tuple[int, int],
    ) -> None:
        erreur = attributs.get(b"calcext:value-type") == b"error"
        genre = attributs.get(b"office:value-type", b"")
        sans_valeur = not erreur and not genre
        perdus = genre == b"float" and _est_grand(attributs.get(b"office:value", b""))
        if not (erreur or sans_valeur or perdus or genre == b"percentage"):
            return
        self.etendue.verifier(self.feuille)
        vu = _PARAGRAPHE.match(texte, suite) if erreur else None
        affiche = unescape(vu[1].decode("utf-8", "replace")) if vu else ERREUR_AUTRE
        affiche = affiche if affiche.startswith("#") else f"#{affiche}"
        for ligne in range(premiere[0], derniere[0] + 1):
            for colonne in range(premiere[1], derniere[1] + 1):
                if perdus:
                    self.reperes.textes[ligne, colonne] = CHIFFRES_PERDUS
                elif erreur:
                    self.reperes.textes[ligne, colonne] = affiche
                elif sans_valeur:
                    self.reperes.sans_valeur.append((ligne, colonne))
                else:
                    self.reperes.formats[ligne, colonne] = "%"


def _refus(feuille: str, pourquoi: str) -> Refus:
    """What no spreadsheet writes, and the reader of cells takes its own way: rows would be lost without a word."""
    message = f"La feuille « {feuille} » n'est pas lue : {pourquoi}, des lignes seraient perdues."
    return Refus("classeur_illisible", message, "Ouvrez-la dans LibreOffice, enregistrez-la et redéposez-la.")


def _attributs(balise: re.Match[bytes]) -> dict[bytes, bytes]:
    return {nom: double or simple for nom, double, simple in _ATTRIBUT.findall(balise[3])}


def _est_grand(valeur: bytes) -> bool:
    """True for a number of more than 15 digits."""
    try:
        return abs(float(valeur)) >= _GRAND
    except ValueError:
        return False


def _nombre(attributs: dict[bytes, bytes], nom: bytes) -> int:
    valeur = attributs.get(nom, b"1")
    return max(int(valeur[:_CHIFFRES_MAX]), 1) if valeur.isdigit() else 1
