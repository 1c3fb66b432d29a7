"""A plain DuckDB script: `python duckdb_script.py ENTREES SORTIES REF [xlsx]`."""

import sys
from pathlib import Path

import duckdb
from requetes import etapes

entrees, sorties, ref = sys.argv[1:4]
Path(sorties).mkdir(parents=True, exist_ok=True)
con = duckdb.connect()
for nom, requete in etapes(entrees, ref).items():
    con.execute(f"create table {nom} as {requete}")
for nom in ("flux", "mesures"):
    con.execute(f"copy {nom} to '{sorties}/{nom}.csv' (header, delimiter ';')")
if "xlsx" in sys.argv:
    import xlsxwriter

    codes = [code for (code,) in con.execute("select code_reservataire from flux").fetchall()]
    for code in codes:
        with xlsxwriter.Workbook(f"{sorties}/{code}.xlsx", {"constant_memory": True}) as classeur:
            for nom in ("flux", "mesures"):
                feuille = classeur.add_worksheet(nom)
                trouve = con.execute(f"select * from {nom} where code_reservataire = ?", [code])
                for rang, ligne in enumerate([[c[0] for c in trouve.description], *trouve.fetchall()]):
                    feuille.write_row(rang, 0, ligne)
