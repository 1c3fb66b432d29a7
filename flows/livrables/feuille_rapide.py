"""A sheet of XlsxWriter made for cells that repeat, as nearly all of ours do: the bytes are those of a plain sheet.

It stands on what the library keeps of a cell (`table`), of the texts (`str_table`) and of the extent: none of its
manuals promises them, so its versions are bounded and a test compares the bytes with those of a plain sheet.
"""

from functools import lru_cache
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_range
from xlsxwriter.worksheet import CellDatetimeTuple, CellNumberTuple, CellStringTuple, Worksheet

Cellule = Any
"""What the library keeps of a cell: a value, or the rank of a text, and a style."""


_SIMPLES = (CellStringTuple, CellNumberTuple, CellDatetimeTuple)
_TRANCHE = 16
"""Rows that share the extent written beside each of them."""


class FeuilleRapide(Worksheet):  # type: ignore[misc]
    """`Workbook.add_worksheet(name, FeuilleRapide)`."""

    def cellule(self, ligne: int, rang: int) -> Cellule:
        """What was written there, for `repeter`."""
        return self.table[ligne][rang]

    def repeter(self, ligne: int, rang: int, cellule: Cellule) -> None:
        """The same cell in another place; its row must have one that was written otherwise, or `etendre`."""
        self.table[ligne][rang] = cellule
        if cellule.__class__ is CellStringTuple:
            self.str_table.count += 1

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

    def _write_cell(self, row: int, col: int, cell: Cellule) -> None:
        nature = cell.__class__
        if not cell.format or nature not in _SIMPLES or self.constant_memory:
            super()._write_cell(row, col, cell)
            return
        style = cell.format.xf_index
        if style is None:
            style = cell.format._get_xf_index()
        if nature is CellStringTuple:
            self.fh.write(f'<c r="{_lettres(col)}{row + 1}" s="{style}" t="s"><v>{cell.string}</v></c>')
        else:
            self.fh.write(f'<c r="{_lettres(col)}{row + 1}" s="{style}"><v>{cell.number:.16G}</v></c>')

    def _calculate_spans(self) -> None:
        if self.comments:
            super()._calculate_spans()
            return
        self.row_spans = {}
        for tranche in range(self.dim_rowmin // _TRANCHE, self.dim_rowmax // _TRANCHE + 1):
            lignes = range(tranche * _TRANCHE, (tranche + 1) * _TRANCHE)
            if pleines := [self.table[ligne] for ligne in lignes if self.table.get(ligne)]:
                self.row_spans[tranche] = f"{min(map(min, pleines)) + 1}:{max(map(max, pleines)) + 1}"


@lru_cache(maxsize=256)
def _lettres(rang: int) -> str:
    return str(xl_col_to_name(rang))
