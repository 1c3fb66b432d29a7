"""No model compares each row of a table with each row of another when an equality could pair them."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.chemins import ENTREPOT
from flows.entrepot.modeles import Modele, lire_modeles

EGALITE = re.compile(r"\(\w+ = \w+\)")


@pytest.mark.parametrize("modele", lire_modeles(), ids=lambda modele: str(modele.nom))
def test_une_jointure_externe_se_fait_par_sa_cle(exemple_publie: tuple[Path, str], modele: Modele) -> None:
    """`left join b on a.x is null and a.k = b.k` is a product: the condition on `a` alone belongs in the key.

    Asked of the engine's plans, without what it knows of the example's values: a column that is never null there may be
    missing elsewhere (a millésime without `ident_rep` took ten times as long at 20 000 dwellings).
    """
    with duckdb.connect(str(exemple_publie[0] / ENTREPOT), read_only=True) as con:
        con.execute("set disabled_optimizers = 'statistics_propagation'")
        ((_, plan),) = con.execute(f"explain (format json) {modele.requete}").fetchall()
    produits = [str(n["extra_info"]["Condition"]) for n in noeuds(json.loads(plan)) if est_un_produit(n)]
    assert [c for c in produits if EGALITE.search(c) and " AND " in c and " OR " not in c] == []


def est_un_produit(noeud: dict[str, Any]) -> bool:
    return noeud["name"] == "BLOCKWISE_NL_JOIN" and noeud["extra_info"].get("Join Type") != "INNER"


def noeuds(racines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every operator of a plan."""
    return [n for racine in racines for n in (racine, *noeuds(racine["children"]))]
