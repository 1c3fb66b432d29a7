"""The warehouse of a campaign that has no row: every table with its columns, to try what reads them before the data."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from flows.campagne import Campagne
from flows.entrepot.chargement import garnir
from flows.entrepot.connexion import REGLAGES, fermer
from flows.entrepot.controles import creer_constats
from flows.entrepot.modeles import lire_modeles
from flows.tables.lecture import Lecture

ANNEE = 2025


@contextmanager
def ouvrir() -> Iterator[duckdb.DuckDBPyConnection]:
    """Gives the empty warehouse, in memory: no model is computed, each only says its columns. It opens no file."""
    ici = Path()
    with duckdb.connect(config={**REGLAGES, "threads": 1}) as con:
        garnir(con, Campagne(ANNEE, ici, ici, date(ANNEE, 12, 31)), Lecture(tables={}))
        creer_constats(con)
        for modele in lire_modeles():
            con.execute(f"create table {modele.nom} as select * from ({modele.requete}\n) limit 0")
        fermer(con)
        yield con
