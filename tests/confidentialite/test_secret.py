"""Public versions: small counts hidden, not to be found again by sums and differences, in a bilan or between them."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.livrables.secret import Somme, masquer
from tests.commande import RACINE, gestion_flux, lire_csv
from tests.confidentialite.attaque import Cle, Equation, Publie, encadrer, resoudre

EXEMPLE = RACINE / "data" / "raw" / "exemple"
SEUIL = 5
TOTAL = ("total", "total")
RESERVEES = ("mises_a_disposition", "premieres_locations", "decompte", "partenariat")


# ------------------------------------------------------------------------------- the rule, on tables made at random


@st.composite
def tableaux_croises(tirer: st.DrawFn) -> list[list[int]]:
    lignes, colonnes = tirer(st.integers(2, 6)), tirer(st.integers(2, 6))
    petits = st.sampled_from([0, 0, 1, 1, 2, 3, 4, 5, 6, 9, 14, 40])
    return [[tirer(petits) for _ in range(colonnes)] for _ in range(lignes)]


def publier(tableau: list[list[int]], seuil: int) -> tuple[Publie, dict[Cle, int], list[Equation]]:
    """A table of territories by modalities, with both margins, as it would be published."""
    lignes, colonnes = range(len(tableau)), range(len(tableau[0]))
    valeurs: dict[Cle, int] = {("l", str(i), "c", str(j)): tableau[i][j] for i in lignes for j in colonnes}
    equations: list[Equation] = []
    for i in lignes:
        equations.append((("l", str(i)), tuple(("l", str(i), "c", str(j)) for j in colonnes)))
    for j in colonnes:
        equations.append((("c", str(j)), tuple(("l", str(i), "c", str(j)) for i in lignes)))
    equations.append((("tout",), tuple(("l", str(i)) for i in lignes)))
    equations.append((("tout",), tuple(("c", str(j)) for j in colonnes)))
    for total, termes in equations:
        valeurs[total] = sum(valeurs[terme] for terme in termes)
    presentes = {cle: valeur for cle, valeur in valeurs.items() if valeur}
    sommes = [Somme(total, tuple(t for t in termes if valeurs[t])) for total, termes in equations if valeurs[total]]
    caches = masquer(presentes, sommes, [], seuil)
    publie = Publie({c: v for c, v in valeurs.items() if c not in caches}, dict.fromkeys(caches, 1))
    return publie, valeurs, equations


@settings(max_examples=100, deadline=None)
@given(tableaux_croises(), st.sampled_from([3, 5, 11]))
def test_aucun_tableau_croise_ne_se_laisse_retrouver(tableau: list[list[int]], seuil: int) -> None:
    publie, valeurs, equations = publier(tableau, seuil)
    assert not [cle for cle, valeur in publie.connues.items() if 0 < valeur < seuil]
    assert resoudre(publie, equations) == set()
    for cle, (bas, haut) in encadrer(publie, equations).items():
        assert bas <= valeurs[cle] <= haut
        assert bas < haut, (cle, bas, tableau)


def test_a_la_main() -> None:
    # 30 = 2 + 8 + 20: hiding 2 alone would tell it; the smallest other goes with it
    valeurs: dict[Cle, int] = {("t",): 30, ("a",): 2, ("b",): 8, ("c",): 20}
    assert masquer(valeurs, [Somme(("t",), (("a",), ("b",), ("c",)))], [], 5) == {("a",), ("b",)}
    # 12 = 1 + 1 + 10: two hidden ones that make 2 are one each; the third goes too
    valeurs = {("t",): 12, ("a",): 1, ("b",): 1, ("c",): 10}
    assert masquer(valeurs, [Somme(("t",), (("a",), ("b",), ("c",)))], [], 5) == {("a",), ("b",), ("c",)}
    # 5 = 1 + 1 + 1 + 1 + 1: with the total, each is known
    valeurs = {("t",): 5} | {(x,): 1 for x in "abcde"}
    assert ("t",) in masquer(valeurs, [Somme(("t",), tuple((x,) for x in "abcde"))], [], 5)
    # 10 = 2 + 8, both hidden; but the 8 is not less than a visible 8 that is some of it: the 2 would be 1 or 2
    valeurs = {("t",): 10, ("a",): 2, ("b",): 8, ("u",): 20, ("d",): 8, ("e",): 12}
    deux = [Somme(("t",), (("a",), ("b",))), Somme(("u",), (("d",), ("e",)))]
    assert masquer(valeurs, deux, [], 5) == {("a",), ("b",)}
    assert masquer(valeurs, deux, [], 5, [(("d",), ("b",))]) == {("a",), ("b",), ("t",)}
    # nothing small, nothing hidden; the threshold itself is shown
    assert masquer({("t",): 10, ("a",): 5, ("b",): 5}, [Somme(("t",), (("a",), ("b",)))], [], 5) == set()


# ------------------------------------------------------------------------------------- the example, through the command


@pytest.fixture(scope="module")
def sorties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    racine = tmp_path_factory.mktemp("public") / "2025"
    gestion_flux("bilan", 2025, "--public", SEUIL, "--entrees", EXEMPLE, "--sorties", racine)
    return racine


def lire(dossier: Path, debut: str) -> dict[Cle, str]:
    """(code, mesure, dimension, modalite) → nombre, of every bilan of a folder."""
    lignes = [ligne for chemin in dossier.rglob(f"{debut}*.csv") for ligne in lire_csv(chemin)]
    return {(x["code_reservataire"], x["mesure"], x["dimension"], x["modalite"]): x["nombre"] for x in lignes}


def test_les_petits_nombres_sont_caches_et_les_bilans_contractuels_complets(sorties: Path) -> None:
    public, complet = lire(sorties / "public", "bilan_public_"), lire(sorties / "bilan", "bilan_2025_")
    assert set(public) <= set(complet)
    petits = {cle for cle, n in complet.items() if n in ("1", "2", "3", "4")}
    assert len(petits) > 1000
    assert "s." not in complet.values()
    for cle, nombre in public.items():
        assert nombre == "s." or (nombre == complet[cle] and cle not in petits), cle
    # what is not there is broken down from a hidden total
    assert all(public[*cle[:2], *TOTAL] == "s." for cle in set(complet) - set(public))


def test_une_part_cachee_avec_son_nombre(sorties: Path) -> None:
    for chemin in (sorties / "public").rglob("*.csv"):
        lignes = lire_csv(chemin)
        secrets = {x["mesure"] for x in lignes if x["dimension"] == "total" and x["nombre"] == "s."}
        for ligne in lignes:
            assert (ligne["part_pct"] == "s.") == (ligne["nombre"] == "s." or ligne["mesure"] in secrets)


def test_le_classeur_et_la_page_disent_comme_le_csv(sorties: Path) -> None:
    dossier = sorties / "public" / "_bailleur"
    public = lire(dossier, "bilan_public_2025__bailleur")
    titres = {
        "Proposés": "mises_a_disposition",
        "Attribués": "attributions",
        "Refus": "refus",
        "Parc soumis": "parc_soumis",
    }
    classeur = openpyxl.load_workbook(dossier / "bilan_public_2025__bailleur.xlsx", data_only=True)
    rangees = list(classeur["Ventilation"].iter_rows(values_only=True))
    debut = next(i for i, ligne in enumerate(rangees) if "Code" in ligne)
    vues = 0
    for ligne in rangees[debut + 1 :]:
        cellules = dict(zip(rangees[debut], ligne, strict=True))
        if cellules["Axe"] != "Commune":
            continue
        for titre, mesure in titres.items():
            attendu = public.get(("_bailleur", mesure, "commune", str(cellules["Code"])))
            if attendu is not None:
                assert str(cellules[titre]) == attendu
                vues += attendu == "s."
            if isinstance(cellules[titre], int | float):
                assert cellules[titre] == 0 or cellules[titre] >= SEUIL
    assert vues > 10
    page = (dossier / "bilan_public_2025__bailleur.html").read_text(encoding="utf-8")
    ventilation = page[page.index('id="ventilation"') : page.index('id="autres')]
    assert ventilation.count(">s.<") > vues
    assert not re.search(r'<td class="n">[1-4]</td>', page)


def attaquer(sorties: Path) -> tuple[Publie, list[Equation], dict[Cle, int]]:
    """What the public CSV files show, and every relation that public knowledge gives between their figures."""
    public, complet = lire(sorties / "public", "bilan_public_"), lire(sorties / "bilan", "bilan_2025_")
    hors = ("objectif", "taux_atteinte_pct")
    vraies = {cle: int(n) for cle, n in complet.items() if cle[1] not in hors and n != "non fourni"}
    publie = Publie()
    cases: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for _, mesure, dimension, modalite in vraies:
        cases[mesure, dimension].add((dimension, modalite))
    for code, mesure in {cle[:2] for cle in vraies}:
        for (m, _), modalites in cases.items():
            for case in modalites if m == mesure else ():
                nombre = public.get((code, mesure, *case))
                if nombre == "s.":
                    publie.cachees[code, mesure, *case] = 1
                elif nombre is None and public[code, mesure, *TOTAL] == "s.":
                    publie.cachees[code, mesure, *case] = 0
                elif nombre is not None:
                    publie.connues[code, mesure, *case] = int(nombre)
    equations = [
        equation
        for equation in _relations(vraies, cases, sorties)
        if vraies.get(equation[0], 0) == sum(vraies.get(terme, 0) for terme in equation[1])
    ]
    return publie, equations, vraies


def _relations(
    vraies: dict[Cle, int], cases: dict[tuple[str, str], set[tuple[str, str]]], sorties: Path
) -> list[Equation]:
    with (RACINE / "sql" / "ref" / "communes.csv").open(encoding="utf-8", newline="") as flux:
        epci_de = {x["code_commune"]: x["code_epci"] for x in csv.DictReader(flux, delimiter=";")}
    with duckdb.connect(str(sorties / "flux.duckdb"), read_only=True) as con:
        entetes = con.execute(
            "select code_reservataire, nature_bilan, evenement_decompte, echelle, code_territoire from bilan.entetes"
        ).fetchall()
    epcis = [code for code, nature, *_ in entetes if nature == "epci"]
    reservataires = [code for code, nature, *_ in entetes if nature == "reservataire"]
    evenements = {"mise_a_disposition": "mises_a_disposition", "attribution": "attributions", "bail": "baux_signes"}
    relations: list[Equation] = []
    for (mesure, dimension), modalites in cases.items():
        for code, *_ in entetes:
            cellules = {case: (code, mesure, *case) for case in modalites}
            if dimension != "total":
                relations.append(((code, mesure, *TOTAL), tuple(cellules.values())))
            if dimension == "commune":
                for epci in {epci_de.get(commune, "") for _, commune in modalites}:
                    termes = tuple(c for (_, commune), c in cellules.items() if epci_de.get(commune, "") == epci)
                    relations.append(((code, mesure, "epci", epci), termes))
        for case in modalites:
            relations.append((("_bailleur", mesure, *case), tuple((epci, mesure, *case) for epci in epcis)))
            for code, *_ in entetes:
                relations.append(((code, mesure, *case), tuple((epci, mesure, *case) for epci in epcis)))
            for epci in epcis:
                relations.append((("_bailleur", mesure, *case), ((epci, mesure, *case),)))
            if mesure in RESERVEES:
                relations.append((("_bailleur", mesure, *case), tuple((c, mesure, *case) for c in reservataires)))
        if dimension == "total":
            for epci in epcis:
                relations.append((("_bailleur", mesure, "epci", epci[5:]), ((epci, mesure, *TOTAL),)))
    for code, _, evenement, *territoire in entetes:
        for mesure, dimension in list(cases):
            for case in cases[mesure, dimension]:
                if mesure == evenements.get(evenement):
                    termes = ((code, "decompte", *case), (code, "partenariat", *case))
                    relations.append(((code, mesure, *case), termes))
                if mesure == "parc_total":
                    for jumeau, _, _, *autre in entetes:
                        if jumeau != code and autre == territoire:
                            relations.append(((code, mesure, *case), ((jumeau, mesure, *case),)))
    # relations that hold cell by cell only by chance are not known to anybody: a family holds whole, or not at all
    return _familles(relations, vraies)


def _familles(relations: list[Equation], vraies: dict[Cle, int]) -> list[Equation]:
    tenues: dict[tuple[object, ...], list[Equation]] = defaultdict(list)
    fausses = set()
    for total, termes in relations:
        famille = (total[:2], len(total), tuple(sorted({terme[:2] for terme in termes})))
        tenues[famille].append((total, termes))
        if vraies.get(total, 0) != sum(vraies.get(terme, 0) for terme in termes):
            fausses.add(famille)
    return [equation for famille, liste in tenues.items() if famille not in fausses for equation in liste]


def test_aucune_difference_ne_retrouve_un_nombre_cache(sorties: Path) -> None:
    publie, equations, vraies = attaquer(sorties)
    assert len(publie.cachees) > 1000
    assert len(equations) > 3000
    # that a hidden total has nothing in some commune may be known: nobody is there
    assert {cle for cle in resoudre(publie, equations) if vraies.get(cle)} == set()
    serrees = [
        (cle, bas)
        for cle, (bas, haut) in encadrer(publie, equations).items()
        if bas == haut and 0 < vraies.get(cle, 0) < SEUIL
    ]
    assert serrees == []


def test_l_attaque_retrouve_ce_qui_n_est_cache_qu_une_fois(sorties: Path) -> None:
    """The same attack succeeds when only the small counts themselves are hidden: it can fail."""
    _, equations, vraies = attaquer(sorties)
    caches = {cle for cle, valeur in vraies.items() if 0 < valeur < SEUIL}
    naif = Publie({c: v for c, v in vraies.items() if c not in caches}, dict.fromkeys(caches, 1))
    assert len(resoudre(naif, equations)) > 50


def test_mauvais_usages(tmp_path: Path) -> None:
    commun = ("--entrees", EXEMPLE, "--sorties", tmp_path / "o")
    fin = gestion_flux("bilan", 2025, "--public", "--reservataire", "ALS_2A", *commun, attendu=2)
    assert "sans --reservataire" in fin.stderr
    for seuil in ("1", "zero", "-5"):
        gestion_flux("bilan", 2025, f"--public={seuil}", *commun, attendu=2)
    assert not (tmp_path / "o").exists()
