"""Published warehouses, opened to be read, one or two at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from flows.anomalies import MauvaisUsage
from flows.chemins import ENTREPOT
from flows.requetes import litteral


@contextmanager
def lire(**dossiers: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens the warehouses of published folders, each under its given name, read-only; nothing else can be written.

    Raises MauvaisUsage when a folder has none.
    """
    con = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    try:
        for nom, dossier in dossiers.items():
            base = dossier / ENTREPOT
            if not base.is_file():
                raise MauvaisUsage(f"{dossier} ne contient pas de {ENTREPOT} : lancez d'abord gestion-flux bilan.")
            con.execute(f"attach {litteral(base)} as {nom} (read_only)")
        if len(dossiers) == 1:
            con.execute(f"use {next(iter(dossiers))}")
        yield con
    finally:
        con.close()


def colonnes(con: duckdb.DuckDBPyConnection, base: str, schema: str, table: str) -> list[str]:
    """Names of the columns of a table, in its order; nothing when there is no such table."""
    lues = con.execute(
        "select column_name from duckdb_columns() where database_name = ? and schema_name = ? and table_name = ? "
        "order by column_index",
        [base, schema, table],
    ).fetchall()
    return [nom for (nom,) in lues]
