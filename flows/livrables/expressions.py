"""The SQL that a template or a setting may hold: one expression, on the tables of the warehouse, and nothing else."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import duckdb

from flows.livrables.gabarits import Feuille

SQL = ("filtre", "tri", "total", "a_l_ecran")
"""The settings of a sheet that are written in SQL."""
SCHEMAS = ("raw", "ref", "staging", "intermediaire", "bilan", "controles", "audit")
FAUTES = (duckdb.DataError, duckdb.ProgrammingError, duckdb.NotSupportedError, duckdb.PermissionException)
"""What the engine says of a wrong request; the rest is of the machine: its memory, its disk."""
_FONCTIONS = ("unnest", "range", "generate_series")


def fautes(feuille: Feuille, con: duckdb.DuckDBPyConnection | None, executer: bool) -> Iterator[tuple[str, str]]:
    """Each setting of a sheet that is not one right expression, and why. Without a warehouse only the syntax is read.

    `executer` tries them on the rows; else on the columns only, which takes no time.
    Nothing is run before it has been read: a text that closes a parenthesis and goes on is not an expression.
    """
    source = f"(select *, 0 as nombre from {feuille.table})" if feuille.compter else feuille.table
    for cle in SQL:
        expression: str = getattr(feuille, cle)
        if not expression:
            continue
        if faute := _lire(cle, expression):
            yield cle, faute
        elif con is not None:
            clause = f"order by {expression}\n" if cle == "tri" else f"where ({expression}\n)"
            try:
                con.execute(f"{'' if executer else 'explain '}select 1 from {source} {clause}").fetchall()
            except FAUTES as erreur:
                yield cle, f"DuckDB refuse l'expression « {cle} » : {premiere_ligne(erreur)}"


def premiere_ligne(erreur: Exception) -> str:
    """What the engine says, without the request."""
    return str(erreur).splitlines()[0]


@lru_cache(maxsize=1024)
def _lire(cle: str, expression: str) -> str:
    """Why a text is not one expression, or for `tri` one list of them; an empty text when it is."""
    try:
        arbre = _analyser(f"select true order by {expression}\n" if cle == "tri" else f"select ({expression}\n)")
    except RecursionError:
        return f"L'expression « {cle} » est trop longue."
    if arbre["error"] and arbre["error_type"] != "not implemented":
        return f"DuckDB refuse l'expression « {cle} » : {arbre['error_message']}"
    textes = [enonce["node"] for enonce in arbre.get("statements", [])]
    suites = [[suite["type"] for suite in texte["modifiers"]] for texte in textes]
    if suites != [["ORDER_MODIFIER"] if cle == "tri" else []] or _autour(textes[0]) != _autour(_nu()):
        return f"« {cle} » n'est pas une expression seule : une requête la suit."
    noeuds = list(_noeuds(textes))
    definies = {cte["key"] for noeud in noeuds for cte in noeud.get("cte_map", {}).get("map", [])}
    for noeud in noeuds:
        genre = noeud.get("type")
        if genre == "TABLE_FUNCTION" and noeud["function"].get("function_name") not in _FONCTIONS:
            return f"« {cle} » lit autre chose que l'entrepôt : {noeud['function'].get('function_name')}()."
        if genre == "BASE_TABLE" and noeud["schema_name"] not in SCHEMAS and noeud["table_name"] not in definies:
            return f"« {cle} » lit « {noeud['table_name']} » : une table de l'entrepôt s'écrit « schema.table »."
        if noeud.get("class") == "PARAMETER":
            return f"« {cle} » a un paramètre (« ? », « $ »), que rien ne donne."
    return ""


def _analyser(sql: str) -> dict[str, Any]:
    """What the engine reads in a text, which is not run."""
    ((lu,),) = duckdb.execute("select json_serialize_sql(?)", [sql]).fetchall()
    arbre: dict[str, Any] = json.loads(lu)
    return arbre


@lru_cache(maxsize=1)
def _nu() -> dict[str, Any]:
    noeud: dict[str, Any] = _analyser("select true")["statements"][0]["node"]
    return noeud


def _autour(noeud: dict[str, Any]) -> dict[str, Any]:
    """A SELECT without what it gives nor its order: nothing but an expression when it has no table, filter, group…"""
    autre = {cle: valeur for cle, valeur in noeud.items() if cle not in ("select_list", "modifiers")}
    return autre | {"colonnes": len(noeud.get("select_list", []))}


def _noeuds(arbre: object) -> Iterator[dict[str, Any]]:
    restent = [arbre]
    while restent:
        noeud = restent.pop()
        if isinstance(noeud, dict):
            yield noeud
        restent += noeud.values() if isinstance(noeud, dict) else noeud if isinstance(noeud, list) else ()
