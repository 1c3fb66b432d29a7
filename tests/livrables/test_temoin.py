"""The golden workbook: that of a town of the example, cell by cell. What changes is seen, then accepted on purpose:

GESTION_FLUX_TEMOIN=accepter python -m pytest tests/livrables/test_temoin.py
"""

import csv
import os
import re
from pathlib import Path

import openpyxl

CODE = "BASTIA"
TEMOIN = Path(__file__).parents[1] / "donnees" / f"temoin_{CODE}.csv"
VERSION = re.compile(r"v1 · [0-9a-f]{8}")
"""Any line of a template changes it: what it stands for is here, cell by cell."""
Cases = dict[tuple[str, str], tuple[str, str]]
"""(sheet, cell) → its value as written, its format."""


def lire_classeur(chemin: Path) -> Cases:
    livre = openpyxl.load_workbook(chemin)
    return {
        (feuille.title, case.coordinate): (VERSION.sub("v1 · (version)", str(case.value)), case.number_format)
        for feuille in livre.worksheets
        for rangee in feuille.iter_rows()
        for case in rangee
        if case.value is not None
    }


def test_le_classeur_d_une_ville_est_le_temoin(exemple_publie: tuple[Path, str]) -> None:
    vues = lire_classeur(exemple_publie[0] / "bilan" / CODE / f"bilan_2025_{CODE}.xlsx")
    assert len(vues) > 1_000
    if os.environ.get("GESTION_FLUX_TEMOIN") == "accepter":
        with TEMOIN.open("w", encoding="utf-8", newline="") as flux:
            csv.writer(flux, delimiter=";", lineterminator="\n").writerows([*cle, *cas] for cle, cas in vues.items())
    with TEMOIN.open(encoding="utf-8", newline="") as flux:
        temoin: Cases = {(f, c): (v, m) for f, c, v, m in csv.reader(flux, delimiter=";")}
    ecarts = [
        f"{feuille}!{case} : {temoin.get((feuille, case), '(rien)')} → {vues.get((feuille, case), '(rien)')}"
        for feuille, case in sorted(temoin.keys() | vues.keys())
        if temoin.get((feuille, case)) != vues.get((feuille, case))
    ]
    assert not ecarts, f"{len(ecarts)} cases, dont :\n" + "\n".join(ecarts[:20])
