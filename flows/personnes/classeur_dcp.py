"""The workbooks exchanged with Action Logement, as bytes: written and read in memory, never in clear on the disk."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import openpyxl
import xlsxwriter

DESTRUCTION = "À détruire le"
FEUILLE = "Données"
LISEZ_MOI = "Lisez-moi"

Cellule = str | date | None
Ligne = tuple[Cellule, ...]


@dataclass(frozen=True)
class Contenu:
    """One workbook: headings (the last one is `DESTRUCTION`), rows of as many cells, and what it is, line by line."""

    entetes: tuple[str, ...]
    lignes: tuple[Ligne, ...]
    notice: tuple[str, ...]


def ecrire(contenu: Contenu, arrete: date) -> bytes:
    """The bytes of the workbook: sheet `FEUILLE`, headings in row 1; sheet `LISEZ_MOI`. They depend on nothing else."""
    tampon = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(tampon, options) as classeur:
        classeur.set_properties({"created": datetime(arrete.year, arrete.month, arrete.day)})
        gras = classeur.add_format({"bold": True, "bg_color": "#DDE6F0", "text_wrap": True, "valign": "top"})
        jour = classeur.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
        donnees = classeur.add_worksheet(FEUILLE)
        donnees.freeze_panes(1, 0)
        donnees.set_column(0, len(contenu.entetes) - 1, 22)
        for rang, titre in enumerate(contenu.entetes):
            donnees.write_string(0, rang, titre, gras)
        for numero, ligne in enumerate(contenu.lignes, start=1):
            for rang, cellule in enumerate(ligne):
                if isinstance(cellule, date):
                    donnees.write_datetime(numero, rang, datetime(cellule.year, cellule.month, cellule.day), jour)
                elif cellule:
                    donnees.write_string(numero, rang, cellule)
        notice = classeur.add_worksheet(LISEZ_MOI)
        notice.set_column(0, 0, 120)
        for numero, texte in enumerate(contenu.notice):
            notice.write_string(numero, 0, texte)
    return tampon.getvalue()


def lire(octets: bytes) -> Contenu:
    """What `ecrire` was given. Raises ValueError when the workbook is not one of ours."""
    classeur = openpyxl.load_workbook(io.BytesIO(octets))
    if classeur.sheetnames != [FEUILLE, LISEZ_MOI]:
        raise ValueError("ce classeur n'est pas un fichier d'échange de gestion-flux")
    entetes, *lignes = (tuple(map(_cellule, ligne)) for ligne in classeur[FEUILLE].iter_rows(values_only=True))
    notice = tuple(str(ligne[0] or "") for ligne in classeur[LISEZ_MOI].iter_rows(values_only=True))
    return Contenu(tuple(str(titre) for titre in entetes), tuple(lignes), notice)


def destruction(contenu: Contenu, ligne: Ligne) -> date:
    """When a row must be destroyed. Raises ValueError for a row without that date."""
    jour = ligne[contenu.entetes.index(DESTRUCTION)]
    if not isinstance(jour, date):
        raise ValueError("une ligne n'a pas de date de destruction")
    return jour


def colonne(contenu: Contenu, titre: str) -> Sequence[Cellule]:
    """The cells of a column; none when there is no such heading."""
    rang = contenu.entetes.index(titre) if titre in contenu.entetes else None
    return [] if rang is None else [ligne[rang] for ligne in contenu.lignes]


def _cellule(valeur: object) -> Cellule:
    if isinstance(valeur, datetime):
        return valeur.date()
    return None if valeur is None else valeur if isinstance(valeur, date) else str(valeur)
