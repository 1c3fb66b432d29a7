"""The quick sheet against the plain one of the library: the same bytes, whatever is written and in whichever order."""

import io
from datetime import date, datetime
from typing import Any

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter.worksheet import Worksheet

from flows.livrables.feuille_rapide import FeuilleRapide

VALEURS = (
    st.sampled_from(["", " deux  espaces ", "<a&b>", "=1+1", "http://exemple.invalid", "Corse", "x" * 40])
    | st.text(max_size=5)
    | st.integers(-(10**8), 10**8)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates(date(1990, 1, 1), date(2090, 1, 1))
)
CELLULES = st.dictionaries(
    st.tuples(st.integers(0, 70), st.integers(0, 30)), st.tuples(VALEURS, st.integers(0, 3)), max_size=30
)
STYLES: tuple[dict[str, Any], ...] = ({}, {"bold": True}, {"num_format": "dd/mm/yyyy"})


def classeur(
    cellules: dict[tuple[int, int], tuple[Any, int]], repetees: bool, autres: bool, note: bool = False
) -> bytes:
    """A workbook of two equal sheets; style 3 is none. `autres`, `note`: what else a sheet may hold is there too."""
    octets = io.BytesIO()
    with xlsxwriter.Workbook(octets, {"in_memory": True, "strings_to_urls": False}) as livre:
        livre.set_properties({"created": datetime(2025, 12, 31)})
        styles = [*(livre.add_format(style) for style in STYLES), None]
        for nom in ("A", "B"):
            feuille: Any = livre.add_worksheet(nom, FeuilleRapide if repetees else Worksheet)
            connues: dict[object, Any] = {}
            for (ligne, rang), (valeur, numero) in sorted(cellules.items()):
                cle = (type(valeur), str(valeur), numero)
                if repetees and cle in connues:
                    feuille.repeter(ligne, {rang: connues[cle]})
                    feuille.etendre(ligne)
                    feuille._check_dimensions(ligne, rang)
                    continue
                if isinstance(valeur, str):
                    feuille.write_string(ligne, rang, valeur, styles[numero])
                elif isinstance(valeur, date):
                    feuille.write_datetime(ligne, rang, valeur, styles[numero])
                else:
                    feuille.write_number(ligne, rang, valeur, styles[numero])
                if repetees:
                    connues[cle] = feuille.cellule(ligne, rang)
            feuille._check_dimensions(0, 0)
            if autres:
                for ligne, hauteur in ((3, 30), (4, 30), (5, 15), (60, 12.5), (84, 40)):
                    feuille.set_row(ligne, hauteur)
                feuille.set_row(6, None, styles[1], {"level": 1})
                feuille.set_column(1, 1, 20, styles[1])
                feuille.write_formula(80, 0, "=1+1", styles[1], 2)
                feuille.write_blank(81, 2, None, styles[0])
                feuille.write_url(82, 0, "internal:'A'!A1", styles[1], "A")
                if note:
                    feuille.write_comment(90, 3, "note", {"author": ""})
                for debut, fin in ((100, 103), (110, 111), (120, 180)):
                    colonnes = {"columns": [{"header": "x", "header_format": styles[1]}, {"header": "y"}]}
                    if repetees:
                        feuille.tableau(debut, fin, 2, colonnes)
                    else:
                        feuille.add_table(debut, 0, fin, 1, colonnes)
    return octets.getvalue()


@settings(max_examples=150, deadline=None)
@given(CELLULES, st.booleans(), st.booleans())
def test_les_memes_octets_qu_une_feuille_ordinaire(
    cellules: dict[tuple[int, int], tuple[Any, int]], autres: bool, note: bool
) -> None:
    ordinaire = classeur(cellules, repetees=False, autres=autres, note=note)
    assert classeur(cellules, repetees=True, autres=autres, note=note) == ordinaire


def test_une_longue_table_de_cellules_qui_se_repetent() -> None:
    cellules: dict[tuple[int, int], tuple[Any, int]] = {
        (ligne, rang): (("Corse", ligne % 7, date(2025, 1, 1 + ligne % 9))[rang % 3], rang % 4)
        for ligne in range(200)
        for rang in range(12)
    }
    assert classeur(cellules, repetees=True, autres=True) == classeur(cellules, repetees=False, autres=True)
