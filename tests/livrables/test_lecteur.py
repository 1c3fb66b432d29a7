"""Every workbook of the published example, read by somebody who knows only what is written in it."""

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

TABS = {"En bref", "Lisez-moi", "Vos logements", "Objectif", "Flux 2026", "Répartition", "Méthode"}
PARTICULIERS = {"ETAT": 5, "ALS": 5}
"""How many special tabs a type may have, by what its code begins with here; two for the others."""
HORS_FLUX = {"DEFENSE", "SANTE_2B", "SECURITE_2A"}


def reservataires(sorties: Path) -> list[str]:
    return sorted(d.name for d in (sorties / "bilan").iterdir() if d.name != "_bailleur")


def classeur(sorties: Path, code: str, valeurs: bool = True) -> openpyxl.Workbook:
    return openpyxl.load_workbook(sorties / "bilan" / code / f"bilan_2025_{code}.xlsx", data_only=valeurs)


def lignes(feuille: Worksheet) -> Iterator[dict[str, Any]]:
    """Rows of the table of a sheet, by the headings that are read there."""
    (tableau,) = feuille.tables.values()
    debut, fin = tableau.ref.split(":")
    entete = [cellule.value for cellule in feuille[debut:fin][0]]
    rang = feuille[debut].row
    for rangee in feuille.iter_rows(min_row=rang + 1, max_col=len(entete), values_only=True):
        if any(valeur is not None for valeur in rangee):
            yield dict(zip(entete, rangee, strict=True))


def lu(texte: str) -> Decimal | None:
    return None if texte == "non fourni" else Decimal(texte.replace(",", "."))


def nombre(valeur: object) -> Decimal | None:
    return None if isinstance(valeur, str) or valeur is None else Decimal(str(valeur))


def publies(sorties: Path, code: str, nom: str) -> list[dict[str, str]]:
    with (sorties / "bilan" / code / nom).open(encoding="utf-8-sig", newline="") as flux:
        return list(csv.DictReader(flux, delimiter=";"))


def carte(sorties: Path, code: str, titre: str) -> object:
    """The figure under a heading of the first sheet."""
    feuille = classeur(sorties, code)["En bref"]
    for rangee in feuille.iter_rows():
        for cellule in rangee:
            if cellule.value == titre:
                return feuille.cell(cellule.row + 1, cellule.column).value
    raise AssertionError(titre)


@pytest.fixture(scope="module")
def sorties(exemple_publie: tuple[Path, str]) -> Path:
    return exemple_publie[0]


@pytest.mark.parametrize("code", ["BASTIA", "MAMOUDZOU", "ETAT_PRIO_2A", "ALS_2A", "CC_PETITE_TERRE"])
def test_un_lecteur_trouve_ses_quatre_reponses(sorties: Path, code: str) -> None:
    """How many were promised, how many did I get and why, what next year, from the labels of the workbook alone."""
    bilan = {x["mesure"]: x for x in publies(sorties, code, f"bilan_2025_{code}.csv") if x["dimension"] == "total"}
    flux = {x["ligne"]: lu(x["valeur"]) for x in publies(sorties, code, f"flux_2026_{code}.csv")}
    promis, compte, suivant = (nombre(carte(sorties, code, t)) for t in ("Promis en 2025", "Compté en 2025",
                                                                         "Promis en 2026"))  # fmt: skip
    assert promis == (lu(bilan["objectif"]["nombre"]) if "objectif" in bilan else None)
    assert compte == lu(bilan["decompte"]["nombre"])
    assert suivant == flux["objectif"]
    livre = classeur(sorties, code)
    comptes = [x for x in lignes(livre["Vos logements"]) if x["Compte pour l'objectif"] == "oui"]
    assert len(comptes) == compte and all(x["Pourquoi"] for x in comptes)
    calcul = {x["Libellé"]: x for x in lignes(livre["Flux 2026"])}
    fin = calcul["Objectif annoncé"]
    assert nombre(fin["Pour 2026"]) == suivant
    if nombre(fin["Annoncé pour 2025"]) is not None and suivant is not None:
        assert abs(Decimal(str(fin["Écart"])) - (suivant - Decimal(str(fin["Annoncé pour 2025"])))) < Decimal(
            "0.000001"
        )


def test_chaque_reservataire_a_ses_onglets_et_pas_plus(sorties: Path) -> None:
    """Seven tabs, those of its type besides; the bailleur's are grouped."""
    for code in reservataires(sorties):
        noms = set(classeur(sorties, code).sheetnames)
        attendus = TABS - ({"Objectif", "Flux 2026"} if code in HORS_FLUX else set())
        particuliers = next((n for debut, n in PARTICULIERS.items() if code.startswith(debut)), 2)
        assert attendus <= noms and len(noms) <= len(attendus) + particuliers, (code, noms)
    assert len(classeur(sorties, "_bailleur").sheetnames) <= 29
    for chemin in (sorties / "bilan" / "_bailleur").glob("bilan_2025_ep*.xlsx"):
        assert len(openpyxl.load_workbook(chemin, read_only=True).sheetnames) <= 11, chemin.name


def test_rien_n_est_imprime_en_dessous_de_huit_points(sorties: Path) -> None:
    """The printed width of each sheet on its A4 page: text of 11 points keeps 8 of them at least."""
    vues = 0
    for chemin in (sorties / "bilan").rglob("*.xlsx"):
        for feuille in openpyxl.load_workbook(chemin).worksheets:
            zone = re.search(r"\$([A-Z]+)\$\d+$", str(feuille.print_area or ""))
            derniere = column_index_from_string(zone[1]) if zone else feuille.max_column
            largeurs = {i: c.width for c in feuille.column_dimensions.values() for i in range(c.min, c.max + 1)}
            pouces = sum(7 * largeurs[i + 1] for i in range(derniere)) / 96
            page = (8.27 if feuille.page_setup.orientation == "portrait" else 11.69) - 0.8
            assert 11 * page / pouces >= 7.9, (chemin.name, feuille.title)
            vues += 1
    assert vues > 100


def test_les_formules_redonnent_la_valeur_publiee(sorties: Path) -> None:
    """Each formula of each workbook, computed on the values beside it, gives the value that is cached."""
    vues = set()
    for code in reservataires(sorties):
        formules, valeurs = classeur(sorties, code, valeurs=False), classeur(sorties, code)
        for feuille in formules.worksheets:
            for rangee in feuille.iter_rows():
                for case in rangee:
                    if case.data_type == "f":
                        faite = calculer(str(case.value)[1:], valeurs[feuille.title])
                        connue = Decimal(str(valeurs[feuille.title][case.coordinate].value))
                        assert abs(faite - connue) < Decimal("0.0005"), (code, feuille.title, case.coordinate)
                        vues.add((feuille.title, re.sub(r"\d+", "", str(case.value))))
    assert {nom for nom, _ in vues} == {"Objectif", "Flux 2026"} and len(vues) >= 8


def calculer(formule: str, feuille: Worksheet) -> Decimal:
    """A formula of ours as a spreadsheet computes it: ROUND half up, INT downwards."""
    avec_valeurs = re.sub(r"\b[A-Z]\d+\b", lambda case: f"D('{feuille[case[0]].value}')", formule)
    decimaux = re.sub(r"(?<![\w.'\-])(\d+)(?![\w.'])", r"D('\1')", avec_valeurs)
    noms: dict[str, object] = {
        "D": Decimal,
        "MAX": max,
        "INT": lambda x: x.to_integral_value("ROUND_FLOOR"),
        "ROUND": lambda x, k: x.quantize(Decimal(1).scaleb(-int(k)), "ROUND_HALF_UP"),
    }
    return Decimal(eval(decimaux, {"__builtins__": {}}, noms))  # noqa: S307 - a formula of ours: no other name


def test_les_chiffres_du_classeur_sont_ceux_des_csv(sorties: Path) -> None:
    """For every réservataire: the flux line by line, who received what, the dwellings one by one."""
    for code in reservataires(sorties):
        livre = classeur(sorties, code)
        if code not in HORS_FLUX:
            calcul = [nombre(x["Pour 2026"]) for x in lignes(livre["Flux 2026"])]
            assert calcul == [lu(x["valeur"]) for x in publies(sorties, code, f"flux_2026_{code}.csv")], code
        repartis = publies(sorties, code, f"repartition_2025_{code}.csv")
        montres = list(lignes(livre["Répartition"])) if livre["Répartition"].tables else []
        for colonne, mesure in (("Proposés", "proposes"), ("Attribués", "attribues"), ("Baux signés", "baux_signes")):
            for axe, dimension in (("Total", "total"), ("Typologie", "typologie"), ("Commune", "commune")):
                attendus = [int(x["nombre"]) for x in repartis if (x["mesure"], x["dimension"]) == (mesure, dimension)]
                par_reservataire = [
                    int(x[colonne])
                    for x in montres
                    if x["Axe"] == axe and x["Réservataire"] != "Ensemble du territoire"
                ]
                assert sorted(filter(None, par_reservataire)) == sorted(filter(None, attendus)), (code, axe, colonne)
        detail = publies(sorties, code, f"logements_2025_{code}.csv")
        feuille = livre["Vos logements"]
        lus = [x["Numéro RPLS"] for x in lignes(feuille)] if feuille.tables else []
        assert sorted(map(str, lus)) == sorted(x["ident_rep"] for x in detail), code
