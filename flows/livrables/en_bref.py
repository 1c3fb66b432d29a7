"""The first sheet of a workbook, one A4 page: the verdict, four figures, why, what to look at, who and when."""

from collections.abc import Sequence
from io import BytesIO

import xlsxwriter

from flows.livrables.page_classeur import (
    EN_BREF,
    INTERLIGNE,
    PageClasseur,
    description,
    ecriture,
    nombre_de_lignes,
)
from flows.livrables.styles import Styles
from flows.livrables.tableau import Chiffre, Document, Tableau
from flows.livrables.theme import Theme

_CARTES_PAR_LIGNE = 4
_LARGEUR_CARTE = 32
_HAUTEUR_GRAPHIQUE = 220
_SIGNALEMENTS = 6
_LARGEUR_LOGO, _HAUTEUR_LOGO = 220, 50


class EnBref(PageClasseur):
    """The first sheet: who, what, when, the headline figures, the sentences and the main chart, on one A4 page."""

    def __init__(self, classeur: xlsxwriter.Workbook, styles: Styles, theme: Theme, document: Document) -> None:
        super().__init__(classeur, styles, theme, document, EN_BREF, _CARTES_PAR_LIGNE)

    def ecrire(self) -> None:
        """Verdict, figures, sentences, chart, what to look at, then who and when."""
        document, styles, feuille = self.document, self.styles, self.feuille
        feuille.set_column(0, _CARTES_PAR_LIGNE - 1, _LARGEUR_CARTE)
        feuille.fit_to_pages(1, 1)
        feuille.center_horizontally()
        self.logo()
        self.titre(document.titre, document.sous_titre, styles.titre)
        self.ligne += 1
        for alerte in document.alertes:
            self.paragraphe(alerte, styles.alerte, 145, bande=True)
            self.ligne += 1
        if document.verdict:
            self.paragraphe(document.verdict, styles.verdict, 95)
            self.ligne += 1
        for debut in range(0, len(document.chiffres), _CARTES_PAR_LIGNE):
            self.cartes(document.chiffres[debut : debut + _CARTES_PAR_LIGNE])
        for phrase in document.phrases:
            self.paragraphe(phrase, styles.phrase, 138)
        self.ligne += 1
        if document.signaler:
            self.signaler(document.signaler)
        if document.synthese:
            self.activite(document.synthese)
        for debut in range(0, len(document.identite), 2):
            self.identite(document.identite[debut : debut + 2])

    def logo(self) -> None:
        """The bailleur's logo, on the right of the title."""
        if (logo := self.theme.logo) is None:
            return
        echelle = logo.echelle(_LARGEUR_LOGO, _HAUTEUR_LOGO)
        options = {
            "image_data": BytesIO(logo.octets), "x_scale": echelle, "y_scale": echelle, "object_position": 3,
            "x_offset": _LARGEUR_LOGO - logo.largeur * echelle, "y_offset": 2, "description": logo.texte or "Logo",
        }  # fmt: skip
        self.feuille.insert_image(0, _CARTES_PAR_LIGNE - 1, f"logo.{logo.type.rpartition('/')[2]}", options)

    def signaler(self, tableau: Tableau) -> None:
        """What to look at: a line each, then the sheet that shows it."""
        self.texte(tableau.titre, self.styles.rubrique)
        _, feuille = tableau.colonnes
        for ligne in tableau.lignes[:_SIGNALEMENTS]:
            dernier = self.ligne
            self.paragraphe(str(ligne[0]), self.styles.signalement, 115, bande=True)
            self.cellule(dernier, _CARTES_PAR_LIGNE - 1, feuille, ligne[1])
        if len(tableau.lignes) > _SIGNALEMENTS:
            self.texte(f"… et {len(tableau.lignes) - _SIGNALEMENTS} autres, dans les feuilles.", self.styles.note)
        self.ligne += 1

    def identite(self, paires: Sequence[tuple[str, str]]) -> None:
        """A row of two pairs of label and value, high enough for both."""
        hauteur = max(nombre_de_lignes(valeur, _LARGEUR_CARTE) for _, valeur in paires)
        self.feuille.set_row(self.ligne, hauteur * INTERLIGNE + 2)
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
        note = self.styles.de(**bords, font_size=9, font_color=couleurs["discret"], text_wrap=True, valign="top")
        self.feuille.set_row(self.ligne + 1, 30)
        hauteur = max(nombre_de_lignes(chiffre.note, _LARGEUR_CARTE * 1.15) for chiffre in chiffres)
        self.feuille.set_row(self.ligne + 2, 12 * hauteur + 4)
        for rang, chiffre in enumerate(chiffres):
            colonne = chiffre.colonne
            self.feuille.write_string(self.ligne, rang, colonne.titre, libelle)
            style = self.styles.carte(colonne, chiffre.valeur)
            ecrire, preparee = ecriture(self.feuille, chiffre.valeur, colonne.absent)
            ecrire(self.ligne + 1, rang, preparee, style)
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
            dessin.set_size({"width": 450, "height": _HAUTEUR_GRAPHIQUE})
            options = {"description": description(tableau, tableau.graphique), "x_offset": 10}
            self.feuille.insert_chart(debut - 1, 2, dessin, options)
            self.ligne = max(self.ligne, debut + _HAUTEUR_GRAPHIQUE // 23)
        self.ligne += 2
