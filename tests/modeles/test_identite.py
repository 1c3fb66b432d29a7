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


def test_tout_logement_cite_a_ses_caracteristiques(exemple_publie: tuple[Path, str]) -> None:
    """Models join them without asking: a dwelling that a table names, or delivered, and that had none would vanish."""
    with duckdb.connect(str(exemple_publie[0] / "flux.duckdb"), read_only=True) as con:
        tables = con.execute(
            "select 'staging.' || table_name from duckdb_columns() where schema_name = 'staging' "
            "and column_name = 'id_logement' and table_name <> 'rpls' union all select 'intermediaire.livraisons'"
        ).fetchall()
        manquants = {
            table: con.execute(
                f"select count(*), count(c.id_logement) from (select distinct id_logement from {table} "
                "where id_logement is not null) as t left join intermediaire.caracteristiques as c using (id_logement)"
            ).fetchone()
            for (table,) in tables
        }
    assert len(manquants) == 8 and all(cites == connus for cites, connus in manquants.values()), manquants
    assert sum(cites > 0 for cites, _ in manquants.values()) >= 6
