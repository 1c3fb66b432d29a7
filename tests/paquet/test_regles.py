"""The house: no aggregate whose answer depends on the order of rows, no lost path in the docs."""

import ast
import re
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from flows.chemins import ENTREPOT
from flows.contrat.schema import charger
from flows.entrepot.modeles import construire, lire_dictionnaire, lire_modeles

RACINE = Path(__file__).resolve().parents[2]
SANS_ORDRE = re.compile(
    r"\b(first|last|arg_max|arg_min|max_by|min_by|mode|array_agg|string_agg|group_concat)\s*\(", re.I
)
"""`list` feeds sums here, whatever their order; `any_value` has a test of its own below."""
EXCEPTIONS = {
    "attribution_partagee": "numero est un rang unique",
    "attributions_als": "la clé du rang finit par le code, un logement a une adresse par millésime",
    "caracteristique_inconnue": "ordonné par fichier, feuille et ligne, qui nomment une ligne",
    "exclusions_retenues": "un rang par motif",
    "faits_decompte": "la priorité finit par la ligne du candidat",
    "identifiants": "le rang finit par l'identifiant lui-même",
    "liberations_uniques": "ordonné par fichier, feuille et ligne, qui nomment une ligne",
    "logement_rapproche": "le rang finit par l'identifiant lui-même",
    "millesimes": "le rang finit par le millésime",
    "sorties_parc": "une ligne par logement et par millésime",
}
"""Model: why its aggregates by rank have one answer."""
PAGES = ("README.md", "SECURITY.md", *(f"docs/{p.name}" for p in sorted((RACINE / "docs").glob("*.md"))))


def _sans_commentaires(sql: str) -> str:
    return re.sub(r"--[^\n]*", "", sql)


def _argument(sql: str, ouverture: int) -> str:
    """What is between the parenthesis at `ouverture` and the one that closes it."""
    profondeur = 0
    for i in range(ouverture, len(sql)):
        profondeur += {"(": 1, ")": -1}.get(sql[i], 0)
        if not profondeur:
            return sql[ouverture + 1 : i]
    return sql[ouverture + 1 :]


def sans_ordre(sql: str) -> list[str]:
    """Aggregates of a query whose answer depends on the order of its rows, and that give none."""
    propre = _sans_commentaires(sql)
    trouves = []
    for appel in SANS_ORDRE.finditer(propre):
        argument = _argument(propre, appel.end() - 1)
        suite = propre[appel.end() + len(argument) :]
        if not re.search(r"\border\s+by\b", argument, re.I) and not re.match(r"\)\s*over\b", suite, re.I):
            trouves.append(f"{appel[1].lower()}({' '.join(argument.split())})")
    return trouves


@pytest.mark.parametrize(
    ("sql", "nombre"),
    [
        ("select string_agg(a, ', ') from t", 1),
        ("select string_agg(a, ', ' order by a) from t", 0),
        ("select arg_max(f(a), b) filter (where c) from t", 1),
        ("select first(a) over (order by b) from t", 0),
        ("select max(a) from t -- first(a)", 0),
        ("select arg_max(a, b), min(c) from t", 1),
    ],
)
def test_la_recherche_d_agregats_sans_ordre(sql: str, nombre: int) -> None:
    assert len(sans_ordre(sql)) == nombre


def _textes(python: str) -> list[str]:
    """Every text of a module, what an f-string takes left out."""
    trouves = []
    for noeud in ast.walk(ast.parse(python)):
        if isinstance(noeud, ast.JoinedStr):
            morceaux = (m.value if isinstance(m, ast.Constant) else "x" for m in noeud.values)
            trouves.append("".join(map(str, morceaux)))
        elif isinstance(noeud, ast.Constant) and isinstance(noeud.value, str):
            trouves.append(noeud.value)
    return trouves


def test_aucune_requete_hors_des_modeles_ne_depend_de_l_ordre_des_lignes() -> None:
    """Those of Python, of `explorer`, of the templates: `any_value` chooses too, since no test tries the other one."""
    fautifs = {}
    fichiers = [f for lieu in ("flows", "templates") for f in sorted((RACINE / lieu).rglob("*")) if f.is_file()]
    for chemin in (f for f in fichiers if f.suffix in (".py", ".sql", ".toml", ".txt")):
        texte = chemin.read_text(encoding="utf-8")
        requetes = [t for t in _textes(texte) if "select " in t] if chemin.suffix == ".py" else [texte]
        trouves = [faute for r in requetes for faute in (*sans_ordre(r), *re.findall(r"any_value\(.*", r))]
        if trouves:
            fautifs[str(chemin.relative_to(RACINE))] = trouves
    assert not fautifs, "donnez un order by, ou max/min"


def test_aucun_agregat_ne_depend_de_l_ordre_des_lignes() -> None:
    fautifs = {}
    for chemin in sorted((RACINE / "sql").rglob("*.sql")):
        trouves = sans_ordre(chemin.read_text(encoding="utf-8"))
        if trouves and chemin.stem not in EXCEPTIONS:
            fautifs[str(chemin.relative_to(RACINE))] = trouves
    assert not fautifs, "donnez un order by, ou max/min ; sinon une exception et sa raison"
    modeles = {chemin.stem for chemin in (RACINE / "sql").rglob("*.sql")}
    assert EXCEPTIONS.keys() <= modeles


@pytest.mark.parametrize("choix", ["min", "max"])
def test_any_value_ne_choisit_jamais(exemple_publie: tuple[Path, str], tmp_path: Path, choix: str) -> None:
    """Every table is the same when `any_value` is the smallest or the greatest value: it only takes the only one."""
    entrepot, autre = exemple_publie[0] / ENTREPOT, tmp_path / "autre.duckdb"
    shutil.copy(entrepot, autre)
    modeles = lire_modeles()
    changes = [m for m in modeles if "any_value(" in m.requete]
    with duckdb.connect(str(autre)) as con:
        con.execute(f"attach '{entrepot}' as temoin (read_only)")
        construire(
            con,
            [replace(m, requete=m.requete.replace("any_value(", f"{choix}(")) for m in modeles],
            lire_dictionnaire(),
        )
        for modele in changes:
            ecart = con.execute(
                f"select count(*) from ((from {modele.nom} except all from temoin.{modele.nom}) "
                f"union all (from temoin.{modele.nom} except all from {modele.nom}))"
            ).fetchone()
            assert ecart == (0,), modele.nom


@pytest.mark.parametrize("page", PAGES)
def test_les_chemins_nommes_dans_les_pages_existent(page: str) -> None:
    texte = (RACINE / page).read_text(encoding="utf-8")
    chemins = set(re.findall(r"`((?:flows|sql|templates|tests|docs|benchmarks|\.ci)/[\w./-]+)`", texte))
    chemins |= set(re.findall(r"\]\(((?!http|#)[\w./-]+)\)", texte))
    absents = [c for c in chemins if not (RACINE / c).exists() and not ((RACINE / page).parent / c).exists()]
    assert not absents


def test_une_option_appliquee_est_connue_a_la_lecture() -> None:
    """An option that a model reads and the lists do not know would be applied, and said to have no effect."""
    sql = "\n".join(p.read_text(encoding="utf-8") for p in (RACINE / "sql").rglob("*.sql"))
    lues = set(re.findall(r"options,\s*'(\w+)'", sql))
    assert {"partenariat_dans_flux", "prolongation_garantie"} <= lues
    assert lues <= set(charger().codes["options"].values())
