"""Every published figure of the example opens to rows that add up to it, and the query given runs as it stands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.vie import explication
from tests.commande import gestion_flux

PAS = 499
"""One figure in so many is opened by the command's own function, so that each measure and dimension has its own."""


@pytest.fixture(scope="module")
def entrepot(exemple_publie: tuple[Path, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published warehouse in a connection of nobody, as the shell opens it."""
    with duckdb.connect(str(exemple_publie[0] / "flux.duckdb"), read_only=True) as con:
        yield con


def test_chaque_modalite_de_chaque_mesure_est_un_compte_de_lignes(entrepot: duckdb.DuckDBPyConnection) -> None:
    """All of them, by the engine: measure by measure, dimension by dimension, code by code."""
    dimensions = [d for (d,) in entrepot.execute("select distinct dimension from bilan.mesures").fetchall()]
    assert len(dimensions) >= 10
    for dimension in dimensions:
        modalite = "'total'" if dimension == "total" else dimension
        ecarts = entrepot.execute(f"""
            with lignes as (
                select code_reservataire, mesure, {modalite} as modalite, count(*) as nombre
                from bilan.evenements group by all
            )
            select m.code_reservataire, m.mesure, m.modalite, m.nombre, l.nombre
            from bilan.mesures as m
            left join lignes as l
                on m.code_reservataire = l.code_reservataire and m.mesure = l.mesure and m.modalite = l.modalite
            where m.dimension = '{dimension}' and m.mesure not in ('objectif', 'taux_atteinte_pct')
                and m.nombre <> coalesce(l.nombre, 0)
        """).fetchall()
        assert ecarts == [], dimension


def test_un_tirage_de_tous_les_chiffres_s_ouvre(
    exemple_publie: tuple[Path, str], entrepot: duckdb.DuckDBPyConnection
) -> None:
    """One figure of each measure and dimension, then one in many of all; every line of a few annexes."""
    figures = entrepot.execute(f"""
        with numerotes as (
            select
                *,
                row_number() over (partition by mesure, dimension order by hash(code_reservataire, modalite)) as rang,
                row_number() over (order by code_reservataire, mesure, dimension, modalite) as numero
            from bilan.mesures
        )
        select code_reservataire, mesure, dimension, modalite, nombre from numerotes
        where (rang = 1 and nombre > 0 and numero % 17 = 0) or numero % {PAS} = 0
        order by numero
    """).fetchall()
    assert len({(mesure, dimension) for _, mesure, dimension, *_ in figures}) > 8
    for code, mesure, dimension, modalite, nombre in figures:
        mots = [code, mesure] + ([] if dimension == "total" else [f"{dimension}={modalite}"])
        rendu = explication.expliquer(exemple_publie[0], mots)
        assert rendu.est_juste and rendu.valeur == nombre, mots
        _executer(entrepot, rendu, mots)
        if mesure not in ("objectif", "taux_atteinte_pct"):
            assert len(rendu.lignes) == nombre and rendu.phrases, mots
            assert all(ligne[-1] for ligne in rendu.ecartees), mots
    lignes = entrepot.execute("""
        select code_reservataire, ligne, valeur from bilan.lignes_flux
        where code_reservataire in (select code_reservataire from bilan.entetes where ordre in (1, 5, 9, 14))
    """).fetchall()
    assert len(lignes) > 40
    for code, ligne, valeur in lignes:
        rendu = explication.expliquer(exemple_publie[0], [code, "annexe", ligne])
        assert rendu.est_juste and rendu.valeur == valeur, (code, ligne)
        _executer(entrepot, rendu, [code, ligne])


def _executer(con: duckdb.DuckDBPyConnection, rendu: explication.Explication, mots: list[str]) -> None:
    """The query that is printed, pasted: it gives the rows that are shown."""
    obtenues: list[Any] = con.execute(rendu.requete).fetchall()
    assert len(obtenues) >= len(rendu.lignes), mots


def test_une_dimension_que_les_lignes_ne_portent_pas_est_un_mauvais_usage(exemple_publie: tuple[Path, str]) -> None:
    fin = gestion_flux("expliquer", "_bailleur", "baux_signes", "motif_priorite=x", "--sorties", exemple_publie[0],
                       attendu=2)  # fmt: skip
    assert "Aucune dimension" in fin.stderr
