"""Every deliverable at its place, with the same figures in each format."""

import re
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from flows.anomalies import ArretBloquant
from flows.livrables.redaction import indexer, livrer, verifier_codes
from tests.livrables.entrepot_exemple import construire, lire_csv

CODES = {"R01": "R01", "R02": "R02", "R03": "R03", "_bailleur": "_bailleur", "epci_242010056": "_bailleur"}
MESURES = {
    "Proposés": "mises_a_disposition",
    "Attribués": "attributions",
    "Refus": "refus",
    "Baux signés": "baux_signes",
}
DIMENSIONS = ("typologie", "financement", "qpv", "commune", "epci", "periode_construction", "accessibilite")
Cellules = dict[tuple[str, str], list[str | float]]


@pytest.fixture(scope="module")
def sorties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("livrables")
    entrepot = construire(dossier / "flux.duckdb", manquantes=("previsions",))
    livrer(entrepot, dossier)
    indexer(entrepot, dossier)
    return dossier


def test_les_noms_sont_ceux_du_contrat(tmp_path: Path) -> None:
    ecrits = livrer(construire(tmp_path / "flux.duckdb", nb_reservataires=1), tmp_path / "out")
    assert [f.relative_to(tmp_path / "out").as_posix() for f in ecrits] == [
        "bilan/R01/annexe_2026_R01.docx",
        "bilan/R01/bilan_2025_R01.csv",
        "bilan/R01/bilan_2025_R01.html",
        "bilan/R01/bilan_2025_R01.xlsx",
        "bilan/R01/flux_2026_R01.csv",
        "bilan/R01/logements_2025_R01.csv",
        "bilan/R01/repartition_2025_R01.csv",
        "bilan/_bailleur/bilan_2025__bailleur.csv",
        "bilan/_bailleur/bilan_2025__bailleur.html",
        "bilan/_bailleur/bilan_2025__bailleur.xlsx",
        "bilan/_bailleur/bilan_2025_epci_242010056.csv",
        "bilan/_bailleur/bilan_2025_epci_242010056.html",
        "bilan/_bailleur/bilan_2025_epci_242010056.xlsx",
        "bilan/_bailleur/flux_2026__bailleur.csv",
        "bilan/_bailleur/flux_2026_epci_242010056.csv",
        "bilan/_bailleur/logements_2025__bailleur.csv",
        "bilan/_bailleur/logements_2025_epci_242010056.csv",
        "bilan/_bailleur/repartition_2025__bailleur.csv",
        "bilan/_bailleur/repartition_2025_epci_242010056.csv",
        "controles/controles_2025.csv",
        "controles/controles_2025.html",
        "controles/controles_2025.xlsx",
        "methode_2025.html",
        "methode_2025.xlsx",
    ]
    assert sorted(f for f in (tmp_path / "out").rglob("*") if f.is_file()) == ecrits


def test_seulement_les_reservataires_demandes(tmp_path: Path) -> None:
    livrer(construire(tmp_path / "flux.duckdb"), tmp_path / "out", ("R02", "epci_242010056"))
    assert sorted(f.name for f in (tmp_path / "out" / "bilan").rglob("*.xlsx")) == [
        "bilan_2025_R02.xlsx",
        "bilan_2025_epci_242010056.xlsx",
    ]


def tableaux_de_la_page(sorties: Path, code: str) -> Cellules:
    """(sheet title, column) → cells, from the HTML page."""
    page = (sorties / "bilan" / CODES[code] / f"bilan_2025_{code}.html").read_text(encoding="utf-8")
    cellules: Cellules = {}
    for titre, corps in re.findall(r"<caption[^>]*>([^<]*)</caption>(.*?)</table>", page, re.DOTALL):
        rangees = [
            [re.sub("<[^>]*>", "", cellule) for cellule in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", rangee)]
            for rangee in re.findall(r"<tr.*?</tr>", corps, re.DOTALL)
        ]
        for rang, entete in enumerate(rangees[0]):
            cellules[titre, entete] = [rangee[rang] for rangee in rangees[1:]]
    return cellules


def tableaux_du_classeur(sorties: Path, code: str) -> Cellules:
    """(sheet title, column) → cells, from the workbook."""
    classeur = openpyxl.load_workbook(sorties / "bilan" / CODES[code] / f"bilan_2025_{code}.xlsx", data_only=True)
    cellules: Cellules = {}
    for feuille in classeur.worksheets[1:]:
        if not feuille.print_title_rows:
            continue
        entete = int(re.sub(r"\D", "", feuille.print_title_rows.split(":")[0]))
        for colonne in feuille.iter_cols(min_row=entete):
            valeurs = [cellule.value for cellule in colonne[1:] if cellule.value is not None]
            cellules[feuille.title, str(colonne[0].value)] = valeurs
    return cellules


def lu(texte: str) -> Decimal:
    return Decimal(re.sub(r"[\s\u00a0\u202f%]", "", texte).replace(",", "."))


def sous(tableau: str, cellules: Cellules, colonne: str, axes: tuple[str, ...]) -> list[str | float]:
    """The values of a column, on the rows of these axes."""
    rangs = zip(cellules[tableau, "Axe"], cellules[tableau, colonne], strict=True)
    return [valeur for axe, valeur in rangs if axe in axes]


@pytest.mark.parametrize("code", CODES)
def test_les_memes_chiffres_dans_les_trois_formats(sorties: Path, code: str) -> None:
    publies = lire_csv(sorties / "bilan" / CODES[code] / f"bilan_2025_{code}.csv")
    page, classeur = tableaux_de_la_page(sorties, code), tableaux_du_classeur(sorties, code)
    feuille, debut = ("Ventilation", "Les chiffres") if code == "_bailleur" else ("Répartition", "Qui a reçu")
    (titre,) = {titre for titre, _ in page if titre.startswith(debut)}
    compares = 0
    for dimension in DIMENSIONS:
        for entete, mesure in MESURES.items():
            for suffixe, colonne, decimales in (("", "nombre", None), (", part", "part_pct", 1)):
                if (feuille, entete + suffixe) == ("Répartition", "Refus, part"):
                    continue
                du_csv = sorted(
                    lu(ligne[colonne])
                    for ligne in publies
                    if ligne["mesure"] == mesure and ligne["dimension"] in (dimension, "total")
                )
                axes = (dimension.capitalize(), "Total")
                du_classeur = sorted(Decimal(str(v)) for v in sous(feuille, classeur, entete + suffixe, axes))
                de_la_page = sorted(lu(str(v)) for v in sous(titre, page, entete + suffixe, axes))
                assert [round(v, 6) for v in du_classeur] == [round(v, 6) for v in du_csv]
                arrondies = [v if decimales is None else v.quantize(Decimal("0.1"), "ROUND_HALF_UP") for v in du_csv]
                assert de_la_page == sorted(arrondies)
                compares += len(du_csv)
    assert compares > 200


def test_les_lignes_du_flux_sont_les_memes_partout(sorties: Path) -> None:
    publiees = [ligne["valeur"] for ligne in lire_csv(sorties / "bilan/R02/flux_2026_R02.csv")]
    page = tableaux_de_la_page(sorties, "R02")["Flux 2026\u00a0: le calcul, ligne par ligne", "Pour 2026"]
    classeur = tableaux_du_classeur(sorties, "R02")["Flux 2026", "Pour 2026"]
    assert page == publiees
    assert [str(v).replace(".", ",") for v in classeur] == publiees
    assert publiees[-1] == publiees[6] == "non fourni"


def test_rien_d_un_autre_reservataire_dans_un_dossier(sorties: Path) -> None:
    for code in ("R02", "R03"):
        autre = "R03" if code == "R02" else "R02"
        libelle = f"Réservataire d'exemple n° {int(autre[1:])}"
        for fichier in (sorties / "bilan" / code).iterdir():
            if fichier.suffix == ".xlsx":
                feuilles = openpyxl.load_workbook(fichier)
                contenu = " ".join(str(c.value) for f in feuilles for rangee in f for c in rangee)
            elif fichier.suffix == ".docx":
                with zipfile.ZipFile(fichier) as parties:
                    contenu = " ".join(parties.read(nom).decode(errors="replace") for nom in parties.namelist())
            else:
                contenu = fichier.read_text(encoding="utf-8").replace("&#39;", "'")
            assert autre not in contenu and libelle not in contenu, fichier


@pytest.mark.parametrize(
    "code", ["../x", "a/b", "a\\b", "", " a", "a.", "a:b", "nul", "COM1", "a\nb", "..", "a*", "aux.txt"]
)
def test_un_code_qui_ne_peut_pas_nommer_un_fichier_est_refuse(code: str) -> None:
    with pytest.raises(ArretBloquant) as refus:
        verifier_codes([("R01", "R01"), (code, code)])
    assert [a.valeur for a in refus.value.anomalies] == [code]


def test_deux_codes_qui_se_confondraient_sous_windows_sont_refuses() -> None:
    verifier_codes([("R01", "R01"), ("_bailleur", "_bailleur"), ("epci_242010056", "_bailleur")])
    with pytest.raises(ArretBloquant):
        verifier_codes([("ville", "ville"), ("Ville", "Ville")])
