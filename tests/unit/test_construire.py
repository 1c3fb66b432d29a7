"""How the models are built: side by side, in the order of what they read, and alone when memory was short."""

import time
from collections.abc import Mapping

import duckdb
import pytest

from flows import ressources
from flows.entrepot import modeles
from flows.entrepot.modeles import Modele, construire

AB, C = ["staging.a", "staging.b", "staging.c", "staging.d"], "staging.fin"


def modele(nom: str, *lit: str) -> Modele:
    requete = " union all ".join(f"from {table}" for table in lit) or f"select '{nom}' as nom"
    return Modele(nom, requete, "Essai.", (), frozenset(lit))


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    base = duckdb.connect()
    base.execute("create schema staging")
    return base


@pytest.mark.parametrize("fils", ["1", "2"])
def test_un_modele_qui_manque_de_memoire_est_refait_seul(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, fils: str
) -> None:
    monkeypatch.setenv(ressources.FILS, fils)
    vrai, en_cours, essais = modeles._construire_un, set[str](), list[tuple[str, int]]()

    def serre(base: duckdb.DuckDBPyConnection, voulu: Modele, mots: Mapping[str, str] | None) -> None:
        essais.append((voulu.nom, len(en_cours)))
        en_cours.add(voulu.nom)
        try:
            time.sleep(0.05)
            if voulu.nom in AB[:2] and sum(nom == voulu.nom for nom, _ in essais) == 1:
                raise duckdb.OutOfMemoryException("failed to pin block")
            vrai(base, voulu, mots)
        finally:
            en_cours.remove(voulu.nom)

    monkeypatch.setattr(modeles, "_construire_un", serre)
    construire(con, [*map(modele, AB), modele(C, *AB)])
    assert [nom for (nom,) in con.execute(f"select nom from {C} order by 1").fetchall()] == AB
    assert sorted(nom for nom, _ in essais) == sorted([*AB, *AB[:2], C])
    refaits = [autres for nom, autres in essais[-3:-1] if nom in AB[:2]]
    assert refaits == [0, 0] and essais[-1] == (C, 0)


def test_une_memoire_qui_manque_encore_arrete_tout(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def epuise(*_: object) -> None:
        raise duckdb.OutOfMemoryException("failed to pin block")

    monkeypatch.setattr(modeles, "_construire_un", epuise)
    with pytest.raises(duckdb.OutOfMemoryException):
        construire(con, [*map(modele, AB), modele(C, *AB)])
