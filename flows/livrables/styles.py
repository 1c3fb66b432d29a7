"""The cell styles of a workbook: the look of `templates/theme.toml`, the number formats of the columns."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format as Style

from flows.livrables.tableau import Colonne, Format, Valeur
from flows.livrables.theme import Theme


class Styles:
    """The cell styles of one workbook, each made once."""

    def __init__(self, classeur: xlsxwriter.Workbook, theme: Theme) -> None:
        self._classeur = classeur
        self._police = theme.police
        self._faits: dict[tuple[tuple[str, Any], ...], Style] = {}
        self._cellules: dict[tuple[Format, int | None, bool], Style] = {}
        couleurs = theme.couleurs
        self.couleurs: Mapping[str, str] = couleurs
        self.titre = self.de(bold=True, font_size=18, font_color=couleurs["principale"])
        self.sous_titre = self.de(font_size=13, font_color=couleurs["discret"])
        self.rubrique = self.de(bold=True, font_size=13, font_color=couleurs["principale"])
        self.note = self.de(italic=True, font_color=couleurs["discret"])
        self.libelle = self.de(font_color=couleurs["discret"], valign="top")
        self.valeur = self.de(font_color=couleurs["texte"], bold=True, valign="top", text_wrap=True)
        self.titre_de_feuille = self.de(bold=True, font_size=15, font_color=couleurs["principale"])
        self.verdict = self.de(bold=True, font_size=16, font_color=couleurs["texte"])
        self.signalement = self.de(font_color=couleurs["alerte"], bg_color=couleurs["alerte_fond"], indent=1)
        self.lien = self.de(font_color=couleurs["principale"], underline=1, valign="vcenter", indent=1)
        self.phrase = self.de(font_color=couleurs["texte"], font_size=12)
        self.alerte = self.de(bold=True, font_color=couleurs["alerte"], bg_color=couleurs["alerte_fond"])
        groupe = {"bold": True, "font_color": "#FFFFFF", "bg_color": couleurs["principale"], "valign": "vcenter"}
        self.groupe = self.de(**groupe, align="center", border=1, border_color="#FFFFFF")
        self.sans_groupe = self.de(bg_color=couleurs["principale"], left=1, left_color="#FFFFFF")
        self.bandeau = self.de(bold=True, font_color=couleurs["bandeau"], bg_color=couleurs["bandeau_fond"])

    def de(self, **proprietes: Any) -> Style:
        """The style that has these properties (XlsxWriter's names)."""
        cle = tuple(sorted(proprietes.items()))
        if cle not in self._faits:
            self._faits[cle] = self._classeur.add_format({"font_name": self._police, "font_size": 11, **proprietes})
        return self._faits[cle]

    def entete_de(self, colonne: Colonne) -> Style:
        """Style of a heading, aligned as its column."""
        cote = "right" if colonne.format.est_nombre else "left"
        return self.de(
            bold=True, font_color="#FFFFFF", bg_color=self.couleurs["principale"], text_wrap=True, valign="vcenter",
            left=1, left_color="#FFFFFF", align=cote, indent=1,
        )  # fmt: skip

    def cellule(self, colonne: Colonne, valeur: Valeur, total: bool) -> Style:
        """Style of a cell of a table, by its column's format and, for the decimals, its value."""
        # a table has few formats and many cells: how many decimals is all that a value changes
        decimales: int | None = None
        if valeur is None:
            decimales = -1
        elif colonne.format.est_nombre and not isinstance(valeur, str | date):
            decimales = colonne.decimales_de(valeur)
        cle = (colonne.format, decimales, total)
        if cle not in self._cellules:
            motif = None if valeur is None else format_nombre(colonne, valeur)
            self._cellules[cle] = self._cellule(colonne.format, motif, total)
        return self._cellules[cle]

    def _cellule(self, format_colonne: Format, motif: str | None, total: bool) -> Style:
        proprietes: dict[str, Any] = {"bottom": 1, "bottom_color": self.couleurs["trait"], "valign": "vcenter"}
        if total:
            proprietes |= {"bold": True, "bg_color": self.couleurs["fond"], "top": 1}
        if format_colonne.est_nombre:
            proprietes |= {"align": "right", "indent": 1}
        else:
            proprietes |= {"text_wrap": True, "align": "left", "indent": 1}
        if motif is None:
            proprietes |= {"italic": True, "font_color": self.couleurs["discret"]}
        else:
            proprietes["num_format"] = motif
        return self.de(**proprietes)

    def carte(self, colonne: Colonne, valeur: Valeur) -> Style:
        """Style of a headline figure."""
        proprietes = {
            "bold": True, "font_size": 20, "align": "left", "indent": 1, "bg_color": self.couleurs["fond"],
            "font_color": self.couleurs["principale"], "right": 5, "right_color": "#FFFFFF",
        }  # fmt: skip
        if valeur is None:
            proprietes |= {"font_size": 14, "italic": True, "font_color": self.couleurs["discret"]}
        else:
            proprietes["num_format"] = format_nombre(colonne, valeur)
        return self.de(**proprietes)


def format_nombre(colonne: Colonne, valeur: Valeur) -> str:
    """Excel's number format; the thousands and decimal signs follow the reader's own settings."""
    if colonne.format is Format.DATE:
        return "dd/mm/yyyy"
    if not colonne.format.est_nombre or isinstance(valeur, str | date | None):
        return "@"
    decimales = colonne.decimales_de(valeur)
    motif = "#,##0" + ("." + "0" * decimales if decimales else "")
    return motif + '"\u00a0%"' if colonne.format is Format.POURCENT else motif
