"""Which character separates the cells of a text file, from its first lines."""

import csv
import io
import re
from collections import Counter

CANDIDATS = (";", "\t", "|", ",")  # the order decides when nothing else does
ENREGISTREMENTS = 1000
_CHAMPS_DECLARATION = 12


def deviner(echantillon: str) -> tuple[str, int]:
    """Separator of a text and number of cells of its ordinary records: (";", 64). (";", 1) for a single column.

    The best separator cuts most records in the same number of cells. Decimals put commas everywhere, so one whose first
    ordinary record (the heading) still holds another candidate is worth half; so do titles and addresses, with a space
    behind, which counts against them. The RPLS declaration, whose first line is shorter than the others, is known by
    the twelve cells of that line, the year first.
    """
    essais = [(_qualite(echantillon, candidat), candidat) for candidat in CANDIDATS]
    (note, largeur), separateur = max(essais, key=lambda essai: essai[0][0])
    return (separateur, largeur) if note > 0 else (";", 1)


def ecarte_ses_guillemets(echantillon: str, separateur: str) -> bool:
    """True when the text puts blanks between separator and quote (`a; "b"`), which would make the quote a letter."""
    ecartes = len(re.findall(re.escape(separateur) + ' +"', echantillon))
    return ecartes > 0 and 10 * ecartes >= echantillon.count(separateur)


def _qualite(echantillon: str, separateur: str) -> tuple[float, int]:
    """Share of the records that have the usual number of cells, at least two, and this number."""
    enregistrements = _decouper(echantillon, separateur)
    largeurs = Counter(map(len, enregistrements))
    if not largeurs or max(largeurs) < 2:
        return 0.0, 1
    if separateur == ";" and len(enregistrements) > 1 and est_declaration(enregistrements[0]):
        return 2.0, max(Counter(map(len, enregistrements[1:])).items(), key=lambda paire: (paire[1], paire[0]))[0]
    largeur = max((n for n in largeurs if n > 1), key=lambda n: (largeurs[n], n))
    note = largeurs[largeur] / len(enregistrements)
    entete = next(cellules for cellules in enregistrements if len(cellules) == largeur)
    if any(autre in cellule for cellule in entete for autre in CANDIDATS if autre != separateur):
        note /= 2
    if separateur == ",":
        note *= 1 - 0.6 * echantillon.count(", ") / echantillon.count(",")
    return note, largeur


def est_declaration(cellules: list[str]) -> bool:
    """True for the first line of an RPLS declaration: twelve cells, the year first."""
    return len(cellules) >= _CHAMPS_DECLARATION and len(cellules[0].strip()) == 4 and cellules[0].strip().isdigit()


def _decouper(echantillon: str, separateur: str) -> list[list[str]]:
    lecteur = csv.reader(io.StringIO(echantillon, newline=""), delimiter=separateur)
    enregistrements: list[list[str]] = []
    try:
        for cellules in lecteur:
            if any(cellules):
                enregistrements.append(cellules)
            if len(enregistrements) >= ENREGISTREMENTS:
                break
    except csv.Error:  # a cell longer than the csv module accepts: what was cut before it is enough
        pass
    return enregistrements
