"""Every table of `bilan` says of whom and of which year it is."""

import re
from pathlib import Path

import duckdb


def test_chaque_table_de_bilan_dit_l_exercice_et_le_bailleur(exemple_publie: tuple[Path, str]) -> None:
    """What several years and several bailleurs are put together by; the example's RPLS says its SIRET."""
    with duckdb.connect(str(exemple_publie[0] / "flux.duckdb"), read_only=True) as con:
        tables = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'bilan' "
            "union all select view_name from duckdb_views() where schema_name = 'bilan' and view_name <> 'catalogue'"
        ).fetchall()
        attendu = con.execute("select siren_bailleur, raison_sociale from ref.exercice").fetchall()
        assert re.fullmatch(r"\d{9}", attendu[0][0]) and attendu[0][1]
        for (table,) in tables:
            lus = con.execute(f"select distinct siren_bailleur, bailleur from bilan.{table}").fetchall()
            annees = con.execute(f"select distinct annee from bilan.{table}").fetchall()
            assert lus in ([], attendu), table
            assert annees in ([], [(2026,)] if table == "lignes_flux" else [(2025,)]), table
