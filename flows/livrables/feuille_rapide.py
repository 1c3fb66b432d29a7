"""A sheet of XlsxWriter made for cells that repeat, as nearly all of ours do: the bytes are those of a plain sheet.

It stands on what the library keeps of a cell (`table`), of the texts (`str_table`) and of the extent: none of its
manuals promises them, so its versions are bounded and a test compares the bytes with those of a plain sheet.
"""

from collections.abc import Mapping
from functools import lru_cache
from io import StringIO
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_range
from xlsxwriter.worksheet import CellDatetimeTuple, CellNumberTuple, CellStringTuple, RowInfo, Worksheet

Cellule = Any
"""What the library keeps of a cell: a value, or the rank of a text, and a style."""


_SIMPLES = (CellStringTuple, CellNumberTuple, CellDatetimeTuple)
_TRANCHE = 16
"""Rows that share the extent written beside each of them."""
_ETENDUE = "1:1"


class FeuilleRapide(Worksheet):  # type: ignore[misc]
    """`Workbook.add_worksheet(name, FeuilleRapide)`."""

    fh: Any

    def cellule(self, ligne: int, rang: int) -> Cellule:
        """What was written there, for `repeter`."""
        return self.table[ligne][rang]

    def repeter(self, ligne: int, cellules: Mapping[int, Cellule]) -> None:
        """The same cells in another row, by column; it must have one that was written otherwise, or `etendre`."""
        self.table[ligne].update(cellules)
        self.str_table.count += [cellule.__class__ for cellule in cellules.values()].count(CellStringTuple)

    def etendre(self, ligne: int) -> None:
        """Counts a row among those of the sheet."""
        self._check_dimensions(ligne, 0)

    def tableau(self, premiere: int, derniere: int, rangs: int, reglages: dict[str, Any]) -> None:
        """A table of `rangs` columns from its heading row to its last row, which covers no other.

        `add_table` asks of each cell whether another table has it: it is given two rows, then the table has them all.
        """
        self.add_table(premiere, 0, premiere + 1, rangs - 1, reglages)
        etendue = xl_range(premiere, 0, derniere, rangs - 1)
        self.tables[-1] |= {"range": etendue, "a_range": etendue, "autofilter": etendue}

    def _write_rows(self) -> None:
        if self.comments:
            super()._write_rows()
            return
        self._calculate_spans()
        fins: dict[int, str] = {}  # by cell, which the table keeps: what follows its address, nothing when not simple
        debuts: dict[object, str] = {}
        for ligne in range(self.dim_rowmin, self.dim_rowmax + 1):
            cases, reglages = self.table.get(ligne), self.row_info.get(ligne)
            etendue = self.row_spans.get(ligne // _TRANCHE)
            if not cases:
                if reglages:
                    self._write_empty_row(ligne, etendue, reglages)
                continue
            dits = reglages and (
                reglages.height,
                reglages.row_format,
                reglages.hidden,
                reglages.level,
                reglages.collapsed,
            )
            if (debut := debuts.get(dits)) is None:
                debut = debuts[dits] = self._debut(reglages)
            numero = ligne + 1
            ecrit = [f'<row r="{numero}" spans="{etendue}"{debut}']
            for rang in sorted(cases):
                case = cases[rang]
                if (fin := fins.get(id(case))) is None:
                    fin = fins[id(case)] = _fin(case)
                if fin:
                    ecrit.append(f'<c r="{_lettres(rang)}{numero}{fin}')
                else:
                    self.fh.write("".join(ecrit))
                    ecrit = []
                    self._write_cell(ligne, rang, case)
            self.fh.write("".join(ecrit) + "</row>")

    def _debut(self, reglages: RowInfo | None) -> str:
        """What the tag of a row says after its number and its extent."""
        ailleurs, a_part = self.fh, StringIO()
        self.fh = a_part
        self._write_row(0, _ETENDUE, reglages)
        self.fh = ailleurs
        return a_part.getvalue().partition(f'"{_ETENDUE}"')[2]

    def _calculate_spans(self) -> None:
        if self.comments:
            super()._calculate_spans()
            return
        self.row_spans = {}
        for tranche in range(self.dim_rowmin // _TRANCHE, self.dim_rowmax // _TRANCHE + 1):
            lignes = range(tranche * _TRANCHE, (tranche + 1) * _TRANCHE)
            if pleines := [self.table[ligne] for ligne in lignes if self.table.get(ligne)]:
                self.row_spans[tranche] = f"{min(map(min, pleines)) + 1}:{max(map(max, pleines)) + 1}"


def _fin(cellule: Cellule) -> str:
    """A simple cell after its address; nothing for another."""
    nature = cellule.__class__
    if not cellule.format or nature not in _SIMPLES:
        return ""
    style = cellule.format._get_xf_index()
    if nature is CellStringTuple:
        return f'" s="{style}" t="s"><v>{cellule.string}</v></c>'
    return f'" s="{style}"><v>{cellule.number:.16G}</v></c>'


@lru_cache(maxsize=256)
def _lettres(rang: int) -> str:
    return str(xl_col_to_name(rang))
