"""A workbook that a recipient sends to be filled: opened when it can be, its headings wherever they are."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from flows.anomalies import MauvaisUsage, arreter
from flows.contrat.schema import normaliser_entete
from flows.depot.extraction import refus_de_remplir
from flows.fichiers import nom_affiche

LIGNES_LUES = 40
"""Headings are looked for in the first rows."""
_OLE = b"\xd0\xcf\x11\xe0"
_CONSIGNE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_PERDUS = ("xl/charts/", "xl/media/", "xl/drawings/", "xl/slicers/", "xl/pivotTables/")


@dataclass(frozen=True)
class Intitule:
    """A heading: its column, its text with that of the groups above it, instructions in brackets left out."""

    colonne: str
    texte: str
    propre: str
    """Its own text, without the groups'."""


@dataclass(frozen=True)
class Entete:
    """The headings of a sheet: the row of the last level, the first row to fill."""

    ligne: int
    premiere: int
    intitules: tuple[Intitule, ...]


def ouvrir(chemin: Path) -> tuple[openpyxl.Workbook, list[str]]:
    """The workbook, and what writing it again will lose.

    Raises MauvaisUsage for what cannot be filled, saying why; ArretBloquant for what must not be opened.
    """
    if not chemin.is_file():
        raise MauvaisUsage(f"{chemin} n'existe pas.")
    with chemin.open("rb") as flux:
        est_ole = flux.read(4) == _OLE
    if est_ole:
        raise MauvaisUsage(
            f"{chemin.name} est protégé par un mot de passe, ou au format .xls : ôtez le mot de passe, "
            "ou enregistrez-le en .xlsx."
        )
    if not zipfile.is_zipfile(chemin):
        raise MauvaisUsage(f"{chemin.name} n'est pas un classeur .xlsx.")
    with zipfile.ZipFile(chemin) as archive:
        parties = [nom.lower() for nom in archive.namelist()]
    if chemin.suffix.lower() == ".xlsm" or any(nom.endswith("vbaproject.bin") for nom in parties):
        raise MauvaisUsage(f"{chemin.name} contient des macros : enregistrez-le sans macros, en .xlsx.")
    if "xl/workbook.xml" not in parties:
        raise MauvaisUsage(f"{chemin.name} n'est pas un classeur .xlsx.")
    pertes = sorted({debut.split("/")[1] for debut in _PERDUS if any(nom.startswith(debut.lower()) for nom in parties)})
    arreter(refus_de_remplir(nom_affiche(chemin.name), chemin))
    classeur = openpyxl.load_workbook(chemin)
    for feuille in classeur.worksheets:
        if feuille.protection.sheet:
            raise MauvaisUsage(
                f"La feuille « {feuille.title} » de {chemin.name} est protégée : ôtez la protection "
                "(Révision, Ôter la protection de la feuille)."
            )
    return classeur, pertes


def entete(feuille: Worksheet, ligne: int = 0) -> Entete | None:
    """The headings of a sheet: those of `ligne`, else of the row that has the most texts, the last one if several."""
    if not ligne:
        comptes = {
            i: sum(bool(_sans_consigne(case.value)) for case in feuille[i] if isinstance(case.value, str))
            for i in range(1, min(feuille.max_row, LIGNES_LUES) + 1)
        }
        plus = max(comptes.values(), default=0)
        if plus < 2:
            return None
        ligne = next(i for i, nombre in comptes.items() if nombre == plus)
    intitules = []
    niveaux = range(max(1, ligne - 2), ligne + 1)
    fusionnes = _fusionnes(feuille, niveaux)
    for case in feuille[ligne]:
        propre = _sans_consigne(case.value) or fusionnes.get((ligne, case.column), "")
        if propre:
            groupes = [fusionnes.get((i, case.column), "") for i in niveaux[:-1]]
            textes = list(dict.fromkeys(texte for texte in (*groupes, propre) if texte))
            intitules.append(Intitule(get_column_letter(case.column), " ".join(textes), propre))
    premiere = ligne + 1
    while premiere <= feuille.max_row and _est_consigne(feuille, premiere):
        premiere += 1
    return Entete(ligne, premiere, tuple(intitules))


def case_libre(case: Cell | MergedCell) -> bool:
    """True when a value can be written there: nothing is, neither a formula nor a merged neighbour."""
    return not isinstance(case, MergedCell) and case.value in (None, "")


def meme(un: str, autre: str) -> bool:
    """True when two headings are the same without case, accents, punctuation."""
    return normaliser_entete(un) == normaliser_entete(autre)


def _sans_consigne(valeur: object) -> str:
    """A text without what is in brackets; nothing of a formula or a number."""
    if not isinstance(valeur, str) or valeur.startswith("="):
        return ""
    return " ".join(_CONSIGNE.sub(" ", valeur).split())


def _fusionnes(feuille: Worksheet, lignes: range) -> dict[tuple[int, int], str]:
    """The texts of the merged cells that cover these rows, by place (row, column)."""
    return {
        (ligne, colonne): texte
        for plage in feuille.merged_cells.ranges
        if (texte := _sans_consigne(feuille.cell(plage.min_row, plage.min_col).value))
        for ligne in lignes
        if plage.min_row <= ligne <= plage.max_row
        for colonne in range(plage.min_col, plage.max_col + 1)
    }


def _est_consigne(feuille: Worksheet, ligne: int) -> bool:
    """True for a row of instructions: only texts, all in brackets."""
    textes = [str(case.value) for case in feuille[ligne] if case.value not in (None, "")]
    return bool(textes) and not any(_sans_consigne(texte) for texte in textes)
