"""Content hash of a warehouse: the same tables give the same hash, whatever bytes DuckDB wrote them in.

Measured with DuckDB 1.5.6: the same statements gave 1 different file out of 6 with one thread, and 10 out of 10
with two, a copy into a fresh file included; the rows were the same every time.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from flows import ressources

LOT = 40
"""Tables asked at once: a question each would take twice as long."""
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
        toutes: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
        for schema, table, *colonne in base.execute(COLONNES).fetchall():
            toutes[schema, table].append(tuple(colonne))
        tables = base.execute(TABLES).fetchall()
        lots = [tables[i : i + LOT] for i in range(0, len(tables), LOT)]
        # most are too small for one to fill the machine
        base.execute("set threads = 1")
        with ThreadPoolExecutor(ressources.fils()) as equipe:
            vues = equipe.map(lambda lot: _empreinte_lignes(base.cursor(), lot, toutes), lots)
            lignes = [ligne for lot in vues for ligne in lot]
        for (schema, table, commentaire), ligne in zip(tables, lignes, strict=True):
            somme.update(repr((schema, table, commentaire, toutes[schema, table], ligne)).encode())
        for autres in (VUES, MACROS):
            somme.update(repr(base.execute(autres).fetchall()).encode())
    return somme.hexdigest()


def _empreinte_lignes(
    base: duckdb.DuckDBPyConnection,
    tables: Sequence[tuple[str, ...]],
    colonnes: Mapping[tuple[str, ...], Sequence[tuple[str, ...]]],
) -> list[tuple[int, ...]]:
    """For each table, number of rows, sum and exclusive or of their hashes: the same in any order, without a sort.

    It tells a changed warehouse from an equal one; it is no proof against someone who forges rows.
    """
    requetes = [
        f"select {rang} as rang, count(*), sum(cast(empreinte as hugeint)), bit_xor(empreinte) from (select "
        f"hash({', '.join(_nom(nom) for nom, *_ in colonnes[schema, table])}) as empreinte "
        f"from {_nom(schema)}.{_nom(table)})"
        for rang, (schema, table, _) in enumerate(tables)
    ]
    return [tuple(ligne) for _, *ligne in base.execute(" union all ".join(requetes) + " order by rang").fetchall()]


def _nom(nom: str) -> str:
    return '"' + nom.replace('"', '""') + '"'
