"""Writes a document as an Excel workbook. Figures come finished: nothing is computed here, there is no formula.

XlsxWriter in memory: the bytes depend on the document only (no clock, no temporary file, no locale).
"""

import textwrap
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format as Style
from xlsxwriter.worksheet import Worksheet

from flows.livrables.gabarits import Theme
from flows.livrables.styles import Styles
from flows.livrables.tableau import Chiffre, Colonne, Document, Graphique, Ligne, Tableau, Valeur

_A4 = 9
_CARTES_PAR_LIGNE = 4
_LARGEUR_CARTE = 32
_LIGNES_GRAPHIQUE = 15
_HAUTEUR_LIGNE = 20
_INTERLIGNE = 15
_HAUTEUR_RANGEE = 17
_LIGNES_MAXIMUM = 20
_COLONNES_REPETEES = 3
"""Columns printed again on each page of a table that spreads over several: what says which row it is."""
_PETIT_NOMBRE = 8
"""Up to this value an axis counts one by one: there is no half dwelling."""
_CARACTERES_PAR_LARGEUR = 1.15
"""Widths are counted in digits; most letters are narrower."""
_PAGE = (1045, 675)
"""Width and height in pixels of an A4 page in landscape, without its margins."""
_TEXTE_MAXIMUM = 32_767


def ecrire_classeur(document: Document, theme: Theme, chemin: Path) -> Path:
    """Writes `document` at `chemin` (.xlsx): a sheet « Synthèse », then one sheet per table."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": theme.police, "font_size": 11},
    }
    with xlsxwriter.Workbook(str(chemin), options) as classeur:
        cree_le = datetime(document.date_arrete.year, document.date_arrete.month, document.date_arrete.day)
        classeur.set_properties({"title": document.titre, "subject": document.sujet, "created": cree_le})
        styles = Styles(classeur, theme)
        _Synthese(classeur, styles, theme, document).ecrire()
        for tableau in document.feuilles:
            _Feuille(classeur, styles, theme, document, tableau).ecrire()
    return chemin


def _ecrire(feuille: Worksheet, ligne: int, rang: int, valeur: Valeur, absent: str, style: Style) -> None:
    """One cell: numbers as numbers, dates as dates, everything else as inert text."""
    if isinstance(valeur, bool):
        feuille.write_string(ligne, rang, "oui" if valeur else "non", style)
    elif isinstance(valeur, date):
        feuille.write_datetime(ligne, rang, valeur, style)
    elif valeur is None or isinstance(valeur, str):
        feuille.write_string(ligne, rang, (absent if valeur is None else valeur)[:_TEXTE_MAXIMUM], style)
    else:
        feuille.write_number(ligne, rang, float(valeur), style)


class _Page:
    """What every sheet has: banners, title, print settings. `ligne` is the next free row."""

    def __init__(
        self, classeur: xlsxwriter.Workbook, styles: Styles, theme: Theme, document: Document, nom: str, rangs: int
    ) -> None:
        self.classeur = classeur
        self.styles = styles
        self.theme = theme
        self.document = document
        self.rangs = rangs
        self.ligne = 0
        self.feuille: Worksheet = classeur.add_worksheet(nom)
        self.feuille.set_landscape()
        self.feuille.set_paper(_A4)
        self.feuille.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self.feuille.fit_to_pages(1, 0)
        self.feuille.hide_gridlines(2)
        self.feuille.set_default_row(_HAUTEUR_RANGEE)
        self.feuille.set_tab_color(theme.couleurs["principale"])
        entete = " · ".join(document.bandeaux)
        self.feuille.set_header(f"&C&8{_imprimable(entete)}")
        pied = f"&L&8{_imprimable(f'{document.titre} – {document.sous_titre}')}&C&8&A&R&8&P / &N"
        self.feuille.set_footer(pied)
        for bandeau in document.bandeaux:
            self.bande(bandeau, styles.bandeau)

    def bande(self, texte: str, style: Style) -> None:
        """A line of text on the background of `style`, all across."""
        for rang in range(self.rangs):
            self.feuille.write_blank(self.ligne, rang, None, style)
        self.texte(texte, style)

    def texte(self, texte: str, style: Style) -> None:
        """A line of text, which may run over the empty cells on its right."""
        self.feuille.set_row(self.ligne, style.font_size * 1.5)
        self.feuille.write_string(self.ligne, 0, texte[:_TEXTE_MAXIMUM], style)
        self.ligne += 1

    def entetes(self, colonnes: Sequence[Colonne]) -> None:
        """The heading row of a table, high enough for its longest heading."""
        hauteur = max(_nombre_de_lignes(colonne.titre, colonne.largeur) for colonne in colonnes)
        self.feuille.set_row(self.ligne, hauteur * _INTERLIGNE + 5)
        for rang, colonne in enumerate(colonnes):
            self.feuille.write_string(self.ligne, rang, colonne.titre, self.styles.entete_de(colonne))

    def rangee(self, colonnes: Sequence[Colonne], ligne: Ligne, total: bool = False) -> None:
        """A row of a table, high enough for its longest text: not every viewer finds it out by itself."""
        hauteur = 1
        for rang, (colonne, valeur) in enumerate(zip(colonnes, ligne, strict=True)):
            _ecrire(self.feuille, self.ligne, rang, valeur, colonne.absent, self.styles.cellule(colonne, valeur, total))
            if isinstance(valeur, str) and len(valeur) > colonne.largeur:
                hauteur = max(hauteur, _nombre_de_lignes(valeur, colonne.largeur * _CARACTERES_PAR_LARGEUR - 2))
        if hauteur > 1:
            self.feuille.set_row(self.ligne, min(hauteur, _LIGNES_MAXIMUM) * _INTERLIGNE + 2)

    def paragraphe(self, texte: str, style: Style, caracteres: int, bande: bool = False) -> None:
        """A text cut in lines of `caracteres`: no merged cell, and it prints whole."""
        for morceau in textwrap.wrap(texte, caracteres, break_on_hyphens=False):
            (self.bande if bande else self.texte)(morceau, style)

    def graphique(self, tableau: Tableau, graphique: Graphique, debut: int) -> Chart:
        """A native chart of the rows of `tableau`, already written from row `debut` of this sheet."""
        par_ligne, nom = graphique.par_ligne, self.feuille.get_name()
        dessin: Chart = self.classeur.add_chart({"type": "bar" if par_ligne else "column"})
        fin = debut + graphique.maximum - 1
        for serie, couleur in zip(graphique.series, graphique.couleurs, strict=False):
            reglages: dict[str, Any] = {
                "name": [nom, debut - 1, serie],
                "categories": [nom, debut, graphique.categorie, fin, graphique.categorie],
                "values": [nom, debut, serie, fin, serie],
                "fill": {"color": couleur},
                "gap": 80,
            }
            if par_ligne:
                reglages["points"] = [{"fill": {"color": couleur}} for couleur in graphique.couleurs]
                reglages["data_labels"] = {"value": True}
            dessin.add_series(reglages)
        police = {"name": self.theme.police, "size": 10}
        grille = {"visible": not par_ligne, "line": {"color": self.styles.couleurs["trait"]}}
        categories = {"num_font": police, "reverse": par_ligne, "line": {"color": self.styles.couleurs["trait"]}}
        valeurs = {"num_font": police, "min": 0, "major_gridlines": grille, "visible": not par_ligne}
        if graphique.plus_grande(tableau.lignes) <= _PETIT_NOMBRE:
            valeurs["major_unit"] = 1
        dessin.set_title({"name": graphique.titre, "name_font": {**police, "size": 12}, "overlay": False})
        # XlsxWriter's x axis is the horizontal one, whichever way the bars go.
        dessin.set_x_axis(valeurs if par_ligne else categories)
        dessin.set_y_axis(categories if par_ligne else valeurs)
        dessin.set_legend({"none": True} if par_ligne else {"position": "bottom", "font": police})
        return dessin


class _Synthese(_Page):
    """The first sheet: who, what, when, the headline figures, the sentences and the main chart, on one A4 page."""

    def __init__(self, classeur: xlsxwriter.Workbook, styles: Styles, theme: Theme, document: Document) -> None:
        super().__init__(classeur, styles, theme, document, "Synthèse", _CARTES_PAR_LIGNE)

    def ecrire(self) -> None:
        document, styles, feuille = self.document, self.styles, self.feuille
        feuille.set_column(0, _CARTES_PAR_LIGNE - 1, _LARGEUR_CARTE)
        feuille.fit_to_pages(1, 1)
        feuille.center_horizontally()
        self.texte(document.titre, styles.titre)
        self.texte(document.sous_titre, styles.sous_titre)
        self.ligne += 1
        for alerte in document.alertes:
            self.paragraphe(alerte, styles.alerte, 145, bande=True)
            self.ligne += 1
        for debut in range(0, len(document.identite), 2):
            self.identite(document.identite[debut : debut + 2])
        self.ligne += 1
        for debut in range(0, len(document.chiffres), _CARTES_PAR_LIGNE):
            self.cartes(document.chiffres[debut : debut + _CARTES_PAR_LIGNE])
        for phrase in document.phrases:
            self.paragraphe(phrase, styles.phrase, 138)
        self.ligne += 1
        if document.synthese:
            self.activite(document.synthese)

    def identite(self, paires: Sequence[tuple[str, str]]) -> None:
        """A row of two pairs of label and value, high enough for both."""
        hauteur = max(_nombre_de_lignes(valeur, _LARGEUR_CARTE) for _, valeur in paires)
        self.feuille.set_row(self.ligne, hauteur * _INTERLIGNE + 2)
        for rang, (libelle, valeur) in enumerate(paires):
            self.feuille.write_string(self.ligne, 2 * rang, libelle, self.styles.libelle)
            self.feuille.write_string(self.ligne, 2 * rang + 1, valeur, self.styles.valeur)
        self.ligne += 1

    def cartes(self, chiffres: Sequence[Chiffre]) -> None:
        """A row of headline figures: label, value, note."""
        couleurs = self.styles.couleurs
        bords = {"bg_color": couleurs["fond"], "indent": 1, "right": 5, "right_color": "#FFFFFF"}
        libelle = self.styles.de(
            **bords, bold=True, font_color=couleurs["texte"], top=5, top_color=couleurs["principale"]
        )
        note = self.styles.de(**bords, font_size=9, font_color=couleurs["discret"])
        self.feuille.set_row(self.ligne + 1, 30)
        for rang, chiffre in enumerate(chiffres):
            colonne = chiffre.colonne
            self.feuille.write_string(self.ligne, rang, colonne.titre, libelle)
            style = self.styles.carte(colonne, chiffre.valeur)
            _ecrire(self.feuille, self.ligne + 1, rang, chiffre.valeur, colonne.absent, style)
            self.feuille.write_string(self.ligne + 2, rang, chiffre.note, note)
        self.ligne += 4

    def activite(self, tableau: Tableau) -> None:
        """The figures of the main chart on the left, the chart on the right."""
        debut = self.ligne + 1
        self.entetes(tableau.colonnes)
        for ligne in tableau.lignes:
            self.ligne += 1
            self.rangee(tableau.colonnes, ligne)
        if tableau.graphique:
            dessin = self.graphique(tableau, tableau.graphique, debut)
            dessin.set_size({"width": 450, "height": 220})
            self.feuille.insert_chart(debut - 1, 2, dessin, {"description": tableau.graphique.titre, "x_offset": 10})


class _Feuille(_Page):
    """A sheet: title, note, one table under one heading row, then its chart."""

    def __init__(
        self, classeur: xlsxwriter.Workbook, styles: Styles, theme: Theme, document: Document, tableau: Tableau
    ) -> None:
        super().__init__(classeur, styles, theme, document, tableau.nom, len(tableau.colonnes))
        self.tableau = tableau

    def ecrire(self) -> None:
        tableau, feuille, styles = self.tableau, self.feuille, self.styles
        for rang, colonne in enumerate(tableau.colonnes):
            feuille.set_column(rang, rang, colonne.largeur)
        caracteres = max(60, int(1.2 * sum(colonne.largeur for colonne in tableau.colonnes)))
        largeur = sum(int(7 * colonne.largeur + 5) for colonne in tableau.colonnes)
        echelle = min(1.0, _PAGE[0] * tableau.pages_largeur / largeur)
        feuille.fit_to_pages(tableau.pages_largeur, 0)
        self.texte(tableau.titre, styles.rubrique)
        self.texte(self.document.sous_titre, styles.sous_titre)
        for texte in (tableau.note, tableau.suite):
            self.paragraphe(texte, styles.note, caracteres)
        self.ligne += 1
        if tableau.message:
            self.paragraphe(tableau.message, styles.phrase, caracteres)
            return
        premiere = self.ligne
        self.groupes()
        entete = self.ligne
        self.lignes()
        feuille.freeze_panes(entete + 1, 1)
        feuille.repeat_rows(premiere, entete)
        if tableau.pages_largeur > 1:
            feuille.repeat_columns(0, _COLONNES_REPETEES - 1)
        if tableau.graphique:
            dessin = self.graphique(tableau, tableau.graphique, entete + 1)
            dessin.set_size({"width": largeur, "height": _HAUTEUR_LIGNE * _LIGNES_GRAPHIQUE})
            if (self.ligne + 2 + _LIGNES_GRAPHIQUE) * _HAUTEUR_LIGNE * echelle > _PAGE[1]:
                feuille.set_h_pagebreaks([self.ligne + 1])
            feuille.insert_chart(self.ligne + 1, 0, dessin, {"description": tableau.graphique.titre})

    def groupes(self) -> None:
        """The headings above those of the table, each over the neighbours that share it; no row when there are none."""
        colonnes = self.tableau.colonnes
        for niveau in range(max(len(colonne.groupes) for colonne in colonnes)):
            rang = 0
            for chemin, voisines in groupby(colonnes, key=lambda colonne: colonne.groupes[: niveau + 1]):
                largeur = len(list(voisines))
                texte = chemin[niveau] if len(chemin) > niveau else ""
                style = self.styles.groupe if texte else self.styles.sans_groupe
                if texte and largeur > 1:
                    self.feuille.merge_range(self.ligne, rang, self.ligne, rang + largeur - 1, texte, style)
                else:
                    for cellule in range(rang, rang + largeur):
                        self.feuille.write_string(self.ligne, cellule, texte, style)
                rang += largeur
            self.feuille.set_row(self.ligne, _INTERLIGNE + 5)
            self.ligne += 1

    def lignes(self) -> None:
        """The heading, the rows as a named Excel table, then the total rows under it."""
        tableau, feuille = self.tableau, self.feuille
        entete = self.ligne
        self.entetes(tableau.colonnes)
        for bloc, total in ((tableau.lignes, False), (tableau.totaux, True)):
            for ligne in bloc:
                self.ligne += 1
                self.rangee(tableau.colonnes, ligne, total)
        if tableau.lignes:
            titres = [{"header": c.titre, "header_format": self.styles.entete_de(c)} for c in tableau.colonnes]
            reglages = {"columns": titres, "name": f"t_{tableau.cle}", "style": None}
            feuille.add_table(entete, 0, entete + len(tableau.lignes), len(tableau.colonnes) - 1, reglages)
        self.ligne += 1


@lru_cache(maxsize=8192)
def _nombre_de_lignes(texte: str, caracteres: float) -> int:
    return sum(len(textwrap.wrap(ligne, max(4, int(caracteres)))) or 1 for ligne in texte.splitlines()) or 1


def _imprimable(texte: str) -> str:
    """`texte` for a printed header or footer, where `&` begins a command; Excel allows 255 characters in all."""
    return texte[:90].replace("&", "&&")
