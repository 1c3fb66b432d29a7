"""Content hash of a warehouse: the same tables give the same hash, whatever bytes DuckDB wrote them in.

Measured with DuckDB 1.5.6: the same statements gave 1 different file out of 6 with one thread, and 10 out of 10
with two, a copy into a fresh file included; the rows were the same every time.
"""

import hashlib
from collections import defaultdict
from pathlib import Path

import duckdb

TABLES = """
select schema_name, table_name, comment from duckdb_tables()
where not internal and not temporary and database_name = current_database() order by all"""
COLONNES = """
select schema_name, table_name, column_name, data_type, is_nullable, comment from duckdb_columns()
where database_name = current_database() order by schema_name, table_name, column_index"""
VUES = """
select schema_name, view_name, comment, sql from duckdb_views()
where not internal and not temporary and database_name = current_database() order by all"""
MACROS = """
select schema_name, function_name, parameters, macro_definition from duckdb_functions()
where not internal and database_name = current_database() and macro_definition is not null order by all"""


def empreinte_entrepot(chemin: Path) -> str:
    """SHA-256 of the tables (rows in any order), columns, types, comments, views and macros of a DuckDB file.

    Raises duckdb.Error when the file is not a warehouse, or is held for writing by another process.
    """
    somme = hashlib.sha256()
    with duckdb.connect(str(chemin), read_only=True, config={"autoinstall_known_extensions": "false"}) as base:
        base.execute("set TimeZone = 'UTC'")
        toutes: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
        for schema, table, *colonne in base.execute(COLONNES).fetchall():
            toutes[schema, table].append(tuple(colonne))
        for schema, table, commentaire in base.execute(TABLES).fetchall():
            colonnes = toutes[schema, table]
            lignes = _empreinte_lignes(base, schema, table, [nom for nom, *_ in colonnes])
            somme.update(repr((schema, table, commentaire, colonnes, lignes)).encode())
        for autres in (VUES, MACROS):
            somme.update(repr(base.execute(autres).fetchall()).encode())
    return somme.hexdigest()


def _empreinte_lignes(base: duckdb.DuckDBPyConnection, schema: str, table: str, colonnes: list[str]) -> tuple[int, ...]:
    """Number of rows, sum and exclusive or of their hashes: the same whatever the order, without a sort.

    It tells a changed warehouse from an equal one; it is no proof against someone who forges rows.
    """
    liste = ", ".join(_nom(colonne) for colonne in colonnes)
    requete = f"""
        select count(*), sum(cast(empreinte as hugeint)), bit_xor(empreinte)
        from (select hash({liste}) as empreinte from {_nom(schema)}.{_nom(table)})"""
    return tuple(base.execute(requete).fetchall()[0])


def _nom(nom: str) -> str:
    return '"' + nom.replace('"', '""') + '"'
