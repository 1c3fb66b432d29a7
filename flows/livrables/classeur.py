"""Writes a document as an Excel workbook. Figures come finished: nothing is computed here, and a formula has its value.

XlsxWriter in memory: the bytes depend on the document only (no clock, no temporary file, no locale).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from flows.livrables.en_bref import EnBref
from flows.livrables.page_classeur import EN_BREF, INTERLIGNE, SANS_FORMULE, PageClasseur, description
from flows.livrables.styles import Styles
from flows.livrables.tableau import PROPRIETE_MAX, Colonne, Document, Format, Tableau
from flows.livrables.theme import Theme

_LIGNES_GRAPHIQUE = 15
_HAUTEUR_LIGNE = 20
_LARGEUR_A_COTE = 560
"""Of a chart beside a table whose last rows are not printed."""
_COLONNES_REPETEES = 3
"""Columns printed again on each page of a table that spreads over several: what says which row it is."""
_PAYSAGE = (1045, 675)
_PORTRAIT = (715, 1005)
"""Width and height in pixels of an A4 page, without its margins."""
_CORPS, _CORPS_MINIMUM = 11, 8
"""Size of the text in points, and the smallest that is printed."""
_COLONNE_ETROITE, _COLONNE_LARGE = 12, 60
"""Characters: a column of words is not made narrower than the first, and has the second where it is not printed."""
_REPERE = re.compile(r"\{(\d+)\}")
_MOTS_CLES = "gestion en flux, réservations, logement social"


def ecrire_classeur(document: Document, theme: Theme, chemin: Path) -> Path:
    """Writes `document` at `chemin` (.xlsx): a sheet « En bref », then one sheet per table."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": theme.police, "font_size": 11},
    }
    with xlsxwriter.Workbook(str(chemin), options) as classeur:
        cree_le = datetime(document.date_arrete.year, document.date_arrete.month, document.date_arrete.day)
        titre = f"{document.titre} – {document.sous_titre}"
        proprietes = {
            "title": titre[:PROPRIETE_MAX],
            "subject": document.sujet[:PROPRIETE_MAX],
            "keywords": _MOTS_CLES,
            "created": cree_le,
        }
        if document.edition:
            proprietes |= {"status": document.edition, "comments": document.depuis}
        classeur.set_properties(proprietes)
        styles = Styles(classeur, theme)
        EnBref(classeur, styles, theme, document).ecrire()
        for tableau in document.feuilles:
            _Feuille(classeur, styles, theme, document, tableau).ecrire()
    return chemin


class _Feuille(PageClasseur):
    """A sheet: title, note, one table under one heading row, then its chart."""

    def __init__(
        self, classeur: xlsxwriter.Workbook, styles: Styles, theme: Theme, document: Document, tableau: Tableau
    ) -> None:
        super().__init__(classeur, styles, theme, document, tableau.nom, len(tableau.colonnes))
        self.page = _PORTRAIT if tableau.portrait else _PAYSAGE
        self.tableau = replace(tableau, colonnes=_lisibles(tableau, self.page[0] * tableau.pages_largeur))

    def ecrire(self) -> None:
        tableau, feuille, styles = self.tableau, self.feuille, self.styles
        for rang, colonne in enumerate(tableau.colonnes):
            feuille.set_column(rang, rang, colonne.largeur)
        imprimees = tableau.imprimees or len(tableau.colonnes)
        caracteres = max(60, int(1.2 * sum(colonne.largeur for colonne in tableau.colonnes[:imprimees])))
        largeur = _pixels(tableau.colonnes[:imprimees])
        page_largeur, page_hauteur = self.page
        echelle = min(1.0, page_largeur * tableau.pages_largeur / largeur)
        if tableau.portrait:
            feuille.set_portrait()
        feuille.fit_to_pages(tableau.pages_largeur, 0)
        self.titre(tableau.titre, self.document.sous_titre, styles.titre_de_feuille)
        self.lien(self.ligne, 0, EN_BREF, f"Retour à « {EN_BREF} »", styles.lien)
        self.ligne += 1
        for texte in (tableau.note, tableau.suite):
            self.paragraphe(texte, styles.note, caracteres)
        self.ligne += 1
        if tableau.message:
            self.paragraphe(tableau.message, styles.phrase, caracteres)
            feuille.print_area(0, 0, self.ligne - 1, imprimees - 1)
            return
        premiere = self.ligne
        self.groupes()
        entete = self.ligne
        self.lignes()
        feuille.freeze_panes(entete + 1, 1)
        feuille.repeat_rows(premiere, entete)
        trop_long = self.hauteur * 4 / 3 * echelle / page_hauteur
        dessous = tableau.graphique is not None and not tableau.a_l_ecran
        if 1 < trop_long < echelle * _CORPS / _CORPS_MINIMUM and not dessous:
            feuille.fit_to_pages(tableau.pages_largeur, 1)
        if tableau.a_l_ecran:
            feuille.print_area(0, 0, entete + len(tableau.lignes) - tableau.a_l_ecran, imprimees - 1)
        elif tableau.imprimees:
            feuille.print_area(0, 0, self.ligne - 1, imprimees - 1)
        if tableau.pages_largeur > 1:
            feuille.repeat_columns(0, _COLONNES_REPETEES - 1)
        if tableau.graphique and tableau.a_l_ecran:
            dessin = self.graphique(tableau, tableau.graphique, entete + 1)
            dessin.set_size({"width": _LARGEUR_A_COTE, "height": _HAUTEUR_LIGNE * _LIGNES_GRAPHIQUE})
            options = {"description": description(tableau, tableau.graphique), "x_offset": 20}
            feuille.insert_chart(entete, len(tableau.colonnes), dessin, options)
        elif tableau.graphique:
            dessin = self.graphique(tableau, tableau.graphique, entete + 1)
            dessin.set_size({"width": largeur, "height": _HAUTEUR_LIGNE * _LIGNES_GRAPHIQUE})
            if (self.ligne + 2 + _LIGNES_GRAPHIQUE) * _HAUTEUR_LIGNE * echelle > page_hauteur:
                feuille.set_h_pagebreaks([self.ligne + 1])
            feuille.insert_chart(self.ligne + 1, 0, dessin, {"description": description(tableau, tableau.graphique)})

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
            self.feuille.set_row(self.ligne, INTERLIGNE + 5)
            self.ligne += 1

    def lignes(self) -> None:
        """The heading, the rows as a named Excel table, then the total rows under it."""
        tableau, feuille = self.tableau, self.feuille
        entete = self.ligne
        self.entetes(tableau.colonnes)
        formules: dict[int, dict[int, str]] = {}
        for (i, rang), texte in tableau.formules.items():
            formules.setdefault(i, {})[rang] = f"={_en_cases(texte, entete + 1, rang)}"
        for i, ligne in enumerate((*tableau.lignes, *tableau.totaux)):
            self.ligne += 1
            avant = self.hauteur
            self.rangee(tableau.colonnes, ligne, i >= len(tableau.lignes), formules.get(i, SANS_FORMULE))
            if len(tableau.lignes) - tableau.a_l_ecran <= i < len(tableau.lignes):
                self.hauteur = avant  # not printed
        if tableau.lignes:
            titres = [{"header": c.titre, "header_format": self.styles.entete_de(c)} for c in tableau.colonnes]
            reglages = {"columns": titres, "name": f"t_{tableau.cle}", "style": None}
            feuille.tableau(entete, entete + len(tableau.lignes), len(tableau.colonnes), reglages)
        self.ligne += 1


def _pixels(colonnes: Sequence[Colonne]) -> int:
    return sum(int(7 * colonne.largeur + 5) for colonne in colonnes)


def _lisibles(tableau: Tableau, page: int) -> tuple[Colonne, ...]:
    """The columns, those of words narrower when the printed text would be too small to read."""
    imprimees, toutes = tableau.colonnes[: tableau.imprimees or None], tableau.colonnes
    if tableau.imprimees:  # what is on screen only has room: it makes no row of the page higher
        larges = [replace(c, largeur=max(c.largeur, _COLONNE_LARGE)) if c.format is Format.TEXTE else c for c in toutes]
        toutes = (*imprimees, *larges[tableau.imprimees :])
    trop = _pixels(imprimees) - page * _CORPS / _CORPS_MINIMUM
    marges = {
        c.champ: c.largeur - _COLONNE_ETROITE
        for c in imprimees
        if c.format is Format.TEXTE and c.largeur > _COLONNE_ETROITE
    }
    if trop <= 0 or not marges:
        return toutes
    part = min(1.0, (trop / 7 + len(marges)) / sum(marges.values()))
    return tuple(
        replace(c, largeur=int(c.largeur - part * marges[c.champ])) if c.champ in marges else c for c in toutes
    )


def _en_cases(formule: str, premiere: int, rang: int) -> str:
    """`formule` with the cells that it names, when the rows of the table begin at `premiere`."""
    return _REPERE.sub(lambda nomme: str(xl_rowcol_to_cell(premiere + int(nomme[1]), rang)), formule)
