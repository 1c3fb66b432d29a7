"""A model that breaks what its header says stops the run, with its name; nothing of it is left."""

import duckdb
import pytest

from flows.entrepot.modeles import Modele, ModeleInvalide, construire


def modele(requete: str, *cle: str) -> Modele:
    return Modele("staging.essai", requete, "Essai", cle, frozenset(), "sql/staging/essai.sql")


@pytest.mark.parametrize(
    ("lignes", "cle", "fautes"),
    [
        ("(1, 'a'), (1, 'b'), (2, 'a')", ("x", "y"), 0),
        ("(1, 'a'), (1, 'a'), (2, 'a'), (2, 'a')", ("x", "y"), 2),
        ("(1, 'a'), (1, 'b')", ("x",), 1),
        ("(1, 'a'), (2, null)", ("x", "y"), 1),
        ("(1, 'a'), (2, null)", ("x",), 0),
    ],
)
def test_la_cle_est_verifiee(lignes: str, cle: tuple[str, ...], fautes: int) -> None:
    with duckdb.connect() as con:
        con.execute("create schema staging")
        essai = modele(f"select * from (values {lignes}) as v(x, y)", *cle)
        if not fautes:
            construire(con, [essai], {"x": "Un", "y": "Deux"})
            assert con.execute("select comment from duckdb_columns() where column_name = 'y'").fetchone() == ("Deux",)
            return
        with pytest.raises(ModeleInvalide, match=rf"staging\.essai : {fautes} valeurs de la clé"):
            construire(con, [essai])
        assert con.execute("select count(*) from duckdb_tables() where schema_name = 'staging'").fetchone() == (0,)


def test_une_table_vide_a_sa_cle() -> None:
    with duckdb.connect() as con:
        con.execute("create schema staging")
        construire(con, [modele("select 1 as x where false", "x")])


def test_une_colonne_sans_libelle_est_refusee() -> None:
    with duckdb.connect() as con:
        con.execute("create schema staging")
        with pytest.raises(ModeleInvalide, match=r"staging\.essai\.x : colonne absente"):
            construire(con, [modele("select 1 as x", "x")], {})


def test_une_requete_fausse_dit_son_fichier() -> None:
    with duckdb.connect() as con:
        con.execute("create schema staging")
        with pytest.raises(ModeleInvalide, match=r"sql/staging/essai\.sql : .*nulle_part"):
            construire(con, [modele("select * from nulle_part", "x")])
