"""The catalogue of anomalies: every code in use is explained, and nothing else; page and lists are up to date."""

import ast
import re
from pathlib import Path

from flows.anomalies import Gravite
from flows.catalogue import PAGE, lire_catalogue, page
from flows.chemins import REF
from flows.contrat.listes import lire_declarees, lire_liste
from flows.livrables.courriers import COURRIERS
from flows.livrables.modele_annexe import MODELES, verifier_modeles
from flows.livrables.verification_gabarits import verifier_gabarits
from flows.publication.inchange import EPROUVES, empreinte_livree

RACINE = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
CONTROLES = {chemin.stem: chemin for chemin in (RACINE / "sql" / "controles").glob("*.sql")}


def _constantes(noeud: ast.expr) -> set[str]:
    """Texts that an argument may be: `"a"`, or both of `"a" if x else "b"`."""
    if isinstance(noeud, ast.IfExp):
        return _constantes(noeud.body) | _constantes(noeud.orelse)
    return {noeud.value} if isinstance(noeud, ast.Constant) and isinstance(noeud.value, str) else set()


def _codes_du_python() -> dict[str, str]:
    """Codes of `Anomalie(…)`, and of the helpers that make one (they have a parameter `code`), with where they are."""
    codes: dict[str, str] = {}
    for chemin in sorted((RACINE / "flows").rglob("*.py")):
        arbre = ast.parse(chemin.read_text(encoding="utf-8"))
        rangs = {"Anomalie": 1}
        for fonction in (n for n in ast.walk(arbre) if isinstance(n, ast.FunctionDef)):
            noms = [a.arg for a in fonction.args.args if a.arg not in ("self", "cls")]
            if "code" in noms and "Anomalie" in ast.dump(fonction):
                rangs[fonction.name] = noms.index("code")
        for appel in (n for n in ast.walk(arbre) if isinstance(n, ast.Call)):
            nom = getattr(appel.func, "id", getattr(appel.func, "attr", ""))
            if nom in rangs:
                arguments = appel.args[rangs[nom] : rangs[nom] + 1]
                arguments += [mot.value for mot in appel.keywords if mot.arg == "code"]
                for code in {c for argument in arguments for c in _constantes(argument)}:
                    codes[code] = f"{chemin.relative_to(RACINE)}:{appel.lineno}"
    return codes


def test_chaque_code_est_explique() -> None:
    catalogue = lire_catalogue()
    python = _codes_du_python()
    assert len(python) > 60  # the search still finds them
    inexpliques = {code: ou for code, ou in python.items() if code not in catalogue}
    inexpliques |= {code: f"sql/controles/{code}.sql" for code in CONTROLES if code not in catalogue}
    assert not inexpliques, "une ligne manque à flows/contrat/anomalies.csv (puis python -m flows.catalogue)"


def test_chaque_ligne_du_catalogue_sert() -> None:
    textes = "\n".join(chemin.read_text(encoding="utf-8") for chemin in (RACINE / "flows").rglob("*.py"))
    assert not [code for code in lire_catalogue() if f'"{code}"' not in textes and code not in CONTROLES]


def test_les_gravites_des_controles_sont_celles_du_catalogue() -> None:
    catalogue = lire_catalogue()
    for code, chemin in CONTROLES.items():
        sql = chemin.read_text(encoding="utf-8")
        assert {g for g in Gravite if f"'{g}'" in sql} == set(catalogue[code].gravites), code


def test_chaque_ligne_dit_tout() -> None:
    for entree in lire_catalogue().values():
        assert CODE.fullmatch(entree.code)
        assert entree.gravites
        assert entree.sens.endswith((".", "?")) and entree.remede.endswith("."), entree.code


def test_la_page_est_a_jour() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "relancez python -m flows.catalogue"


def test_chaque_liste_est_declaree() -> None:
    """Each code list of the product has its line in listes.csv, and is read without a mistake under its key."""
    declarees = lire_declarees()
    assert declarees.keys() == {fichier.stem for fichier in REF.glob("*.csv")}
    for fichier in REF.glob("*.csv"):
        assert lire_liste(fichier, *declarees[fichier.stem])


def test_les_gabarits_livres_sont_eprouves_sur_les_modeles_livres() -> None:
    """Run by run, they are not tried again: after a change in `sql/` or `templates/`, `python -m flows.catalogue`."""
    verifier_gabarits(a_blanc=True)
    verifier_modeles(MODELES, COURRIERS)
    assert EPROUVES.read_text(encoding="utf-8").strip() == empreinte_livree()
