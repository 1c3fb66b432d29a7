"""What every sheet of a workbook has: title, banners, print settings, links, cells, rows, a native chart."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format as Style
from xlsxwriter.worksheet import Worksheet

from flows.livrables.feuille_rapide import Cellule, FeuilleRapide
from flows.livrables.styles import Styles
from flows.livrables.tableau import Colonne, Document, Format, Graphique, Ligne, Tableau, Valeur
from flows.livrables.theme import Theme

EN_BREF = "En bref"
INTERLIGNE = 15
_A4 = 9
_HAUTEUR_RANGEE = 15.5
_LIGNES_MAXIMUM = 20
_PETIT_NOMBRE = 8
"""Up to this value an axis counts one by one: there is no half dwelling."""
_CARACTERES_PAR_LARGEUR = 1.15
"""Widths are counted in digits; most letters are narrower."""
_TEXTE_MAXIMUM = 32_767
SANS_FORMULE: Mapping[int, str] = {}
_DESCRIPTION_MAXIMUM = 1_000


Ecriture = Callable[[int, int, Any, Style], object]
"""What XlsxWriter does of a value, in a row, a column and a style."""
Case = tuple[Cellule, int]
"""A value as it was written in a column, and how many lines it takes."""


def ecriture(feuille: Worksheet, valeur: Valeur, absent: str) -> tuple[Ecriture, Valeur]:
    """How a cell is written: numbers as numbers, dates as dates, everything else as inert text."""
    if isinstance(valeur, bool):
        return feuille.write_string, "oui" if valeur else "non"
    if isinstance(valeur, date):
        return feuille.write_datetime, valeur
    if valeur is None or isinstance(valeur, str):
        return feuille.write_string, (absent if valeur is None else valeur)[:_TEXTE_MAXIMUM]
    return feuille.write_number, float(valeur)


class PageClasseur:
    """A sheet being written. `ligne` is the next free row; its first cell is its title."""

    def __init__(
        self, classeur: xlsxwriter.Workbook, styles: Styles, theme: Theme, document: Document, nom: str, rangs: int
    ) -> None:
        self.classeur = classeur
        self.styles = styles
        self.theme = theme
        self.document = document
        self.rangs = rangs
        self.ligne = 0
        self._cases: dict[tuple[int, bool], tuple[Sequence[Colonne], list[dict[tuple[type, Valeur], Case]]]] = {}
        self.hauteur = 150.0
        """Height so far, in points: what is above a table, then its rows."""
        self.feuille: FeuilleRapide = classeur.add_worksheet(nom, FeuilleRapide)
        self.feuille.set_landscape()
        self.feuille.set_paper(_A4)
        self.feuille.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self.feuille.fit_to_pages(1, 0)
        self.feuille.hide_gridlines(2)
        self.feuille.set_default_row(_HAUTEUR_RANGEE)
        self.feuille.set_tab_color(theme.couleurs["principale"])
        entete = " · ".join(document.bandeaux)
        self.feuille.set_header(f"&C&8{imprimable(entete)}", {"scale_with_doc": False})
        edition = f" – {document.edition}" if document.edition else ""
        pied = f"&L&8{imprimable(f'{document.titre} – {document.sous_titre}')}{edition}&C&8&A&R&8&P / &N"
        self.feuille.set_footer(pied, {"scale_with_doc": False})

    def titre(self, titre: str, sous_titre: str, style: Style) -> None:
        """The title, whom it is about, the banners."""
        self.texte(titre, style)
        self.texte(sous_titre, self.styles.sous_titre)
        for bandeau in self.document.bandeaux:
            self.bande(bandeau, self.styles.bandeau)

    def lien(self, ligne: int, rang: int, feuille: str, texte: str, style: Style) -> None:
        """A cell that leads to a sheet of the workbook."""
        vers = feuille.replace("'", "''")
        self.feuille.write_url(ligne, rang, f"internal:'{vers}'!A1", style, texte)

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
        hauteur = max(nombre_de_lignes(colonne.titre, colonne.largeur - 2) for colonne in colonnes)
        self.feuille.set_row(self.ligne, hauteur * INTERLIGNE + 5)
        for rang, colonne in enumerate(colonnes):
            self.feuille.write_string(self.ligne, rang, colonne.titre, self.styles.entete_de(colonne))

    def rangee(
        self, colonnes: Sequence[Colonne], ligne: Ligne, total: bool = False, formules: Mapping[int, str] = SANS_FORMULE
    ) -> None:
        """A row of a table, high enough for its longest text: not every viewer finds it out by itself."""
        hauteur = 1
        feuille, rangee = self.feuille, self.ligne
        feuille.etendre(rangee)
        # a table has many cells and few different ones in a column: each is prepared once
        _, connues = self._cases.setdefault((id(colonnes), total), (colonnes, [{} for _ in colonnes]))
        repetees: dict[int, Cellule] = {}
        for rang, (colonne, cases, valeur) in enumerate(zip(colonnes, connues, ligne, strict=True)):
            if rang in formules and isinstance(valeur, Decimal | float | int):
                style = self.styles.cellule(colonne, valeur, total)
                feuille.write_formula(
                    rangee, rang, formules[rang], style, int(valeur) if valeur == int(valeur) else float(valeur)
                )
                continue
            cle = (type(valeur), valeur)
            if case := cases.get(cle):
                repetees[rang], lignes = case
            else:
                ecrire, preparee, style, lignes = self._case(colonne, valeur, total)
                ecrire(rangee, rang, preparee, style)
                if colonne.format is not Format.LIEN:  # a link is more than its cell
                    cases[cle] = feuille.cellule(rangee, rang), lignes
            if lignes > hauteur:
                hauteur = lignes
        feuille.repeter(rangee, repetees)
        self.hauteur += min(hauteur, _LIGNES_MAXIMUM) * INTERLIGNE + (2 if hauteur > 1 else 0.5)
        if hauteur > 1:
            self.feuille.set_row(self.ligne, min(hauteur, _LIGNES_MAXIMUM) * INTERLIGNE + 2)

    def _case(self, colonne: Colonne, valeur: Valeur, total: bool) -> tuple[Ecriture, Valeur, Style, int]:
        """How a value is written in a column, prepared, in which style, and how many lines it takes."""
        lignes = 1
        if isinstance(valeur, str) and len(valeur) > colonne.largeur:
            lignes = nombre_de_lignes(valeur, colonne.largeur * _CARACTERES_PAR_LARGEUR - 2)
        if colonne.format is Format.LIEN and isinstance(valeur, str) and self.document.adresse(valeur):
            return self._relier, valeur, self.styles.lien, lignes
        ecrire, preparee = ecriture(self.feuille, valeur, colonne.absent)
        return ecrire, preparee, self.styles.cellule(colonne, valeur, total), lignes

    def _relier(self, ligne: int, rang: int, feuille: str, style: Style) -> None:
        """A cell that is the name of a sheet, and leads to it."""
        self.lien(ligne, rang, feuille, feuille, style)

    def cellule(self, ligne: int, rang: int, colonne: Colonne, valeur: Valeur) -> None:
        """A cell of a table, a link when its column makes one and the sheet is there."""
        ecrire, preparee, style, _ = self._case(colonne, valeur, total=False)
        ecrire(ligne, rang, preparee, style)

    def paragraphe(self, texte: str, style: Style, caracteres: int, bande: bool = False) -> None:
        """A text cut in lines of `caracteres`: no merged cell, and it prints whole."""
        for morceau in textwrap.wrap(texte, caracteres, break_on_hyphens=False):
            (self.bande if bande else self.texte)(morceau, style)

    def graphique(self, tableau: Tableau, graphique: Graphique, debut: int) -> Chart:
        """A native chart of the rows of `tableau`, already written from row `debut` of this sheet."""
        par_ligne, nom = graphique.par_ligne, self.feuille.get_name()
        dessin: Chart = self.classeur.add_chart({"type": "bar" if par_ligne else "column"})
        premiere = debut + graphique.premiere
        fin = premiere + graphique.maximum - 1
        for serie, couleur in zip(graphique.series, graphique.couleurs, strict=False):
            reglages: dict[str, Any] = {
                "name": [nom, debut - 1, serie],
                "categories": [nom, premiere, graphique.categorie, fin, graphique.categorie],
                "values": [nom, premiere, serie, fin, serie],
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


@lru_cache(maxsize=8192)
def nombre_de_lignes(texte: str, caracteres: float) -> int:
    return sum(len(textwrap.wrap(ligne, max(4, int(caracteres)))) or 1 for ligne in texte.splitlines()) or 1


def imprimable(texte: str) -> str:
    """`texte` for a printed header or footer, where `&` begins a command; Excel allows 255 characters in all."""
    return texte[:90].replace("&", "&&")


def description(tableau: Tableau, graphique: Graphique) -> str:
    """The chart in words, for who does not see it: its title, then each row with its figures."""
    lignes = []
    for ligne in graphique.tracees(tableau.lignes):
        valeurs = [f"{tableau.colonnes[s].titre} {tableau.colonnes[s].texte(ligne[s])}" for s in graphique.series]
        lignes.append(f"{ligne[graphique.categorie]} : {', '.join(valeurs)}")
    return f"{graphique.titre}. {' ; '.join(lignes)}."[:_DESCRIPTION_MAXIMUM]
