"""Opening the warehouse `flux.duckdb`: apart, since all that only reads it needs nothing of what fills it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import duckdb

from flows import ressources

if find_spec("pandas") is None:
    # the engine looks for it at each statement, and Python, each time, in all its folders: one is enough
    sys.modules["pandas"] = None  # type: ignore[assignment]

REGLAGES: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # each table takes at least one block, and most are small
    "default_block_size": "65536",
    # what any DuckDB from 1.3 on opens: an older form is a third larger, and each of its 3 000 columns takes five times
    # as long to complete (its statistics are turned into those of old)
    "storage_compatibility_version": "v1.3.0",
    # one checkpoint, when the warehouse is closed
    "checkpoint_threshold": "1GB",
    "preserve_insertion_order": True,
}
_TENUS: dict[Path, duckdb.DuckDBPyConnection] = {}


def connecter(chemin: Path, lecture_seule: bool = False) -> duckdb.DuckDBPyConnection:
    """Opens the warehouse: no extension fetched, the threads and the memory of `ressources`, overflow beside it.

    `lecture_seule`: no other file can be read or written, as long as nobody holds it.
    One that `tenir` holds is shared as it is, open to writing: an engine opens a file in one way at a time. Nothing is
    asked of it again: now and then, on a busy machine, it finds that the same settings are not the same.
    """
    if tenu := _TENUS.get(chemin):
        return tenu.cursor()
    machine: dict[str, str | bool | int | float | list[str]] = {
        "threads": ressources.fils(),
        "memory_limit": f"{ressources.memoire()}B",
        "temp_directory": str(chemin.with_name(f".{chemin.name}.debordement")),
    }
    con = duckdb.connect(str(chemin), read_only=lecture_seule, config=REGLAGES | machine)
    if lecture_seule:
        fermer(con)
    return con


def fermer(con: duckdb.DuckDBPyConnection) -> None:
    """From now on no other file is read or written, whatever a template asks, and no setting of the engine changes.

    By orders: as settings of the opening, they would be applied before or after those that they forbid, by chance.
    """
    with suppress(duckdb.InvalidInputException):  # the same engine, closed already
        con.execute("set enable_external_access = false; set lock_configuration = true")


@contextmanager
def en_une_fois(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All the orders given inside reach the disk together: each would wait for it. None does after an error."""
    con.execute("begin")
    try:
        yield
        con.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):
            con.execute("rollback")
        raise


@contextmanager
def tenir(chemin: Path, *, jetable: bool = False) -> Iterator[None]:
    """Keeps the warehouse open from one step to the next: its file is completed once, at the end.

    `jetable`: never, since the file is dropped with the work folder.
    """
    if chemin in _TENUS:
        yield
        return
    with connecter(chemin) as con:
        if jetable:
            con.execute("pragma disable_checkpoint_on_shutdown")
        _TENUS[chemin] = con
        try:
            yield
        finally:
            del _TENUS[chemin]
        if not jetable:
            con.execute("checkpoint")  # the one of the closing says nothing of a full disk
