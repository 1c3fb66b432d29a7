"""What the XML of a workbook says and its reader does not give: common part of .xlsx, .ods and .xls."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from flows.depot.archives import Refus
from flows.depot.feuilles import COLONNES_MAX, FUSIONS_MAX, lettres

LIGNES_MAX = 1_048_576
AIRE_LIBRE = 12_000_000  # cells that a reader lays out in memory without harm, filled or not
AIRE_MAX = 64_000_000
_LITTERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_ZEROS = re.compile(r"0{2,20}(?:;@)?")


@dataclass
class Reperes:
    """What was found in one sheet; rows and columns are 1-based."""

    fusions: dict[tuple[int, int, int, int], None] = field(default_factory=dict)  # each once, in their order
    sans_valeur: list[tuple[int, int]] = field(default_factory=list)  # formulas whose result is not in the file
    formats: dict[tuple[int, int], str] = field(default_factory=dict)  # cell → format, see `format_utile`
    textes: dict[tuple[int, int], str] = field(default_factory=dict)  # shown where the reader gives nothing
    a_des_formules: bool = False
    lignes_masquees: int = 0  # rows that a filter or the user hides: they are read

    def fusionner(self, plages: Iterable[tuple[int, int, int, int]], feuille: str) -> None:
        """Takes merged ranges into account. Raises Refus beyond `FUSIONS_MAX`: what the others say would be lost."""
        self.fusions.update(dict.fromkeys(plages))
        if len(self.fusions) > FUSIONS_MAX:
            raise Refus(
                "trop_de_fusions",
                f"La feuille a plus de {FUSIONS_MAX} plages de cellules fusionnées : c'est trop pour savoir de quelles "
                "lignes sont leurs valeurs.",
                "Défusionnez les cellules (Accueil, Fusionner et centrer), écrivez la valeur de chaque ligne et "
                "redéposez le fichier.",
                feuille=feuille,
            )

    def verifier_fusions(self, lignes: int, colonnes: int, feuille: str) -> None:
        """Raises Refus when merged ranges cover more than the cells of the sheet: no spreadsheet makes them overlap."""
        couvertes = sum(
            max(min(bas, lignes) - haut + 1, 0) * max(min(droite, colonnes) - gauche + 1, 0)
            for haut, gauche, bas, droite in self.fusions
        )
        if couvertes > lignes * colonnes:
            raise Refus(
                "classeur_illisible",
                f"La feuille « {feuille} » a des cellules fusionnées qui se recouvrent.",
                "Ouvrez le classeur dans Excel ou LibreOffice, défusionnez ces cellules, enregistrez-le et "
                "redéposez-le.",
                feuille=feuille,
            )


@dataclass
class Contenu:
    """What was found in a workbook, by name of sheet; and what it points to outside of itself."""

    feuilles: dict[str, Reperes] = field(default_factory=dict)
    a_des_macros: bool = False
    a_des_liens: bool = False
    a_du_dde: bool = False
    recalcul_demande: bool = False
    octets: bytes | None = None  # what the reader of cells is given in place of the file, when it would misread it


@dataclass
class Etendue:
    """Extent of the filled cells of a sheet."""

    lignes: int = 0
    colonnes: int = 0
    remplies: int = 0
    plus_loin: tuple[int, int] = (1, 1)

    def voir(self, ligne: int, colonne: int, remplies: int = 1) -> None:
        """Takes one cell (or the last of `remplies` equal ones) into account."""
        self.remplies += remplies
        self.lignes = max(self.lignes, ligne)
        self.colonnes = max(self.colonnes, colonne)
        if ligne * colonne > self.plus_loin[0] * self.plus_loin[1]:
            self.plus_loin = ligne, colonne

    def verifier(self, feuille: str) -> None:
        """Raises Refus when a cell is out of bounds, or so far from the others that memory would go in blanks."""
        aire = self.lignes * self.colonnes
        dans_la_grille = self.lignes <= LIGNES_MAX and self.colonnes <= COLONNES_MAX
        if dans_la_grille and (aire <= AIRE_LIBRE or (aire <= AIRE_MAX and 4 * self.remplies >= aire)):
            return
        if dans_la_grille and 4 * self.remplies >= aire:
            raise Refus(
                "classeur_demesure",
                f"La feuille a {self.lignes} lignes × {self.colonnes} colonnes : c'est trop pour un classeur.",
                "Enregistrez-la en CSV UTF-8 et redéposez-la.",
                feuille=feuille,
            )
        ligne, colonne = self.plus_loin
        reference = f"{lettres(colonne)}{ligne}"
        raison = "est si loin des autres que la feuille ne tient pas en mémoire" if dans_la_grille else "n'existe pas"
        raise Refus(
            "cellule_hors_limites",
            f"La cellule {reference} {raison} ({self.lignes} lignes × {self.colonnes} colonnes "
            f"pour {self.remplies} cellules remplies).",
            "Supprimez les lignes et colonnes inutiles autour du tableau (Ctrl+Fin montre la dernière cellule), "
            "enregistrez et redéposez le fichier.",
            feuille=feuille,
            ligne=ligne,
            colonne=lettres(colonne),
            valeur=reference,
        )


def format_utile(code: str) -> str:
    """The number formats that change what the user reads: "%" for a share, "00000" for a code padded with zeros."""
    if _ZEROS.fullmatch(re.sub(r"\[[^\]]*\]", "", code)):
        return code.partition(";")[0].rpartition("]")[2]
    return "%" if "%" in _LITTERAL.sub("", code) else ""
