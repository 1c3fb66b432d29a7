"""Floors, under everything: `python planchers.py sha256|lecture|xlsx DOSSIER`.

`sha256` and `lecture` read the CSV files of a folder; `xlsx` writes again, with XlsxWriter alone, every cell of the
workbooks of a folder (their texts and numbers are read beforehand, from a cache made by `xlsx-cellules`).
"""

import hashlib
import pickle
import sys
from pathlib import Path

quoi, dossier = sys.argv[1], Path(sys.argv[2])
if quoi == "sha256":
    for fichier in sorted(dossier.glob("*.csv")):
        with fichier.open("rb") as flux:
            hashlib.file_digest(flux, "sha256")
elif quoi == "lecture":
    import duckdb

    for fichier in sorted(dossier.glob("*.csv")):
        duckdb.sql(f"select count(columns(*)) from read_csv('{fichier}', delim=';', all_varchar=true)").fetchall()
elif quoi == "xlsx-cellules":
    from openpyxl import load_workbook

    classeurs = []
    for fichier in sorted(dossier.glob("bilan/*/*.xlsx")):
        feuilles = load_workbook(fichier, read_only=True).worksheets
        classeurs.append([(f.title, [list(r) for r in f.iter_rows(values_only=True)]) for f in feuilles])
    (dossier.parent / "cellules.pickle").write_bytes(pickle.dumps(classeurs))
else:
    import xlsxwriter

    cible = dossier.parent / "xlsx_nu"
    cible.mkdir(exist_ok=True)
    for rang, feuilles in enumerate(pickle.loads((dossier.parent / "cellules.pickle").read_bytes())):  # noqa: S301
        with xlsxwriter.Workbook(
            cible / f"{rang}.xlsx", {"constant_memory": True, "remove_timezone": True}
        ) as classeur:
            for titre, lignes in feuilles:
                feuille = classeur.add_worksheet(titre)
                for i, ligne in enumerate(lignes):
                    feuille.write_row(i, 0, ligne)
