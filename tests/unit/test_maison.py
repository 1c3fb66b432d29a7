"""The house: no import goes round in a circle, and none climbs a floor but those that are named here."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

from tests.commande import RACINE

ETAGES = (
    "contrat",
    "depot",
    "tables",
    "entrepot",
    "livrables",
    "publication",
    "personnes",
    "annexes",
    "vie",
    "commande",
)
COMMUNS = {"flows"} | {
    f"flows.{nom}"
    for nom in "anomalies campagne chemins edition etapes fichiers paris reglages requetes ressources".split()
}
"""What every floor may use: small shared types, the paths, the time of Paris."""
PERMIS = {
    "depot": {"personnes"},
    "tables": {"contrat", "depot", "personnes"},
    "entrepot": {"contrat", "tables"},
    "livrables": {"entrepot", "tables", "contrat"},
    "publication": set[str](),
    "personnes": {"entrepot", "tables", "publication"},
    "annexes": {"contrat", "tables", "depot"},
    "contrat": set[str](),
    "vie": {"annexes", "contrat", "depot", "tables", "livrables", "publication"},
}
"""Floors that a floor still uses, besides the shared types. `commande` and the flows put them together."""


def modules() -> dict[str, Path]:
    """Name → file of every module of the package."""
    noms = {}
    for chemin in (RACINE / "flows").rglob("*.py"):
        parties = chemin.relative_to(RACINE).with_suffix("").parts
        noms[".".join(parties[:-1] if parties[-1] == "__init__" else parties)] = chemin
    return noms


def imports(chemin: Path, connus: set[str], tardifs: bool) -> set[str]:
    """Modules of ours that a file imports; those imported inside functions too when `tardifs`."""
    arbre = ast.parse(chemin.read_text(encoding="utf-8"))
    trouves = set()
    for noeud in ast.walk(arbre) if tardifs else arbre.body:
        if isinstance(noeud, ast.Import):
            trouves |= {alias.name for alias in noeud.names}
        elif isinstance(noeud, ast.ImportFrom) and noeud.module:
            trouves |= {noeud.module, *(f"{noeud.module}.{alias.name}" for alias in noeud.names)}
    return trouves & connus


def test_aucun_import_ne_tourne_en_rond() -> None:
    """A package's own `__init__` is not counted: importing `flows.x` runs it whatever it holds."""
    connus = {nom: chemin for nom, chemin in modules().items() if chemin.name != "__init__.py"}
    TopologicalSorter({nom: imports(chemin, set(connus), False) for nom, chemin in connus.items()}).prepare()


def test_aucun_etage_n_en_monte_un_autre() -> None:
    connus = modules()
    montees = set()
    for nom, chemin in connus.items():
        parties = nom.split(".")
        if len(parties) < 3 or parties[1] not in PERMIS:
            continue
        for vu in imports(chemin, set(connus), True) - COMMUNS:
            etage = vu.split(".")[1]
            if etage != parties[1] and etage not in PERMIS[parties[1]]:
                montees.add((nom, vu))
    assert montees == set()


def test_aucun_module_ne_prend_le_nom_prive_d_un_autre() -> None:
    prives = set()
    for nom, chemin in modules().items():
        for noeud in ast.walk(ast.parse(chemin.read_text(encoding="utf-8"))):
            if isinstance(noeud, ast.ImportFrom) and (noeud.module or "").startswith("flows"):
                pris = {alias.name for alias in noeud.names} - {"__version__"}
                prives |= {(nom, prive) for prive in pris if prive.startswith("_")}
    assert prives == set()


def test_aucun_chemin_n_est_lu_comme_un_motif() -> None:
    """A folder may be named `l'an [1]`: polars is told so, SQL takes the paths that it reads from `requetes.a_lire`."""
    fautifs = set()
    for nom, chemin in modules().items():
        texte = chemin.read_text(encoding="utf-8")
        for noeud in ast.walk(ast.parse(texte)):
            if isinstance(noeud, ast.Call) and isinstance(noeud.func, ast.Attribute):
                dit = {option.arg for option in noeud.keywords}
                if noeud.func.attr in ("read_parquet", "scan_parquet", "scan_ipc") and "glob" not in dit:
                    fautifs.add((nom, ast.unparse(noeud)))
        fautifs |= {(nom, lu) for lu in re.findall(r"(?<!pl\.)\b(?:read_|parquet_)\w+\((?!\{a_lire)[?'{].*", texte)}
    assert fautifs == set()


def test_les_flux_se_lisent_sans_prefect() -> None:
    """Only the modules of the followed run import Prefect."""
    avec = {
        nom
        for nom, chemin in modules().items()
        if any(
            (isinstance(n, ast.ImportFrom) and (n.module or "").split(".")[0] == "prefect")
            or (isinstance(n, ast.Import) and any(a.name.split(".")[0] == "prefect" for a in n.names))
            for n in ast.walk(ast.parse(chemin.read_text(encoding="utf-8")))
        )
    }
    assert avec == {"flows.deploiements", "flows.suivi", "flows.serveur"}
