"""How outputs are laid: points beside the closed bilan, one exercice and one bailleur a folder, who has an annexe."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from flows.publication.manifeste import verifier
from tests.livrables.test_commande_etat_des_lieux import deposer, empreintes, lancer
from tests.modeles.harnais import cas, lire_texte
from tests.pannes.campagne_saine import reprendre

POINT = "points/2025-06-30"


@pytest.fixture(scope="module")
def entrees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return deposer(tmp_path_factory.mktemp("disposition") / "entrees", cas("etat_des_lieux"))


@pytest.fixture(scope="module")
def clos(entrees: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bilan of the year, published: to be read only."""
    sorties = tmp_path_factory.mktemp("clos") / "out" / "2025"
    assert lancer(entrees, sorties, "bilan", "2025") == 0
    return sorties


def sous(empreinte: dict[str, str], dossier: str) -> dict[str, str]:
    return {nom: sha for nom, sha in empreinte.items() if nom.startswith(f"{dossier}/")}


def hors(empreinte: dict[str, str], *dossiers: str) -> dict[str, str]:
    return {nom: sha for nom, sha in empreinte.items() if not nom.startswith((*dossiers, "index.html"))}


def ecrire(entete: list[str], rangs: list[list[str]]) -> str:
    return "\n".join(";".join(rang) for rang in [entete, *rangs])


def liens(sorties: Path) -> set[str]:
    page = (sorties / "index.html").read_text(encoding="utf-8")
    return {unquote(morceau.partition('"')[0]) for morceau in page.split('href="')[1:]}


def test_un_point_et_le_bilan_clos_ne_se_touchent_pas(entrees: Path, clos: Path, tmp_path: Path) -> None:
    sorties = reprendre(clos, tmp_path / "out")
    publies = empreintes(sorties)
    assert any(nom.endswith(".docx") for nom in publies) and any("/flux_2026_" in nom for nom in publies)
    assert lancer(entrees, sorties, "bilan", "2025", "--au", "30/06/2025") == 0
    avec = empreintes(sorties)
    assert hors(avec, "points/") == hors(publies)
    point = sous(avec, POINT)
    assert f"{POINT}/bilan/VILLE/bilan_2025_VILLE.xlsx" in point and f"{POINT}/flux.duckdb" in point
    assert not [nom for nom in point if nom.endswith(".docx") or "/flux_2026_" in nom]
    assert {f"{POINT}/index.html", "bilan/VILLE/bilan_2025_VILLE.xlsx"} <= liens(sorties)
    assert lancer(entrees, sorties, "bilan", "2025", "--au", "30/09/2025") == 0
    assert sous(empreintes(sorties), POINT) == point
    assert lancer(entrees, sorties, "bilan", "2025", "--refaire") == 0
    refait = empreintes(sorties)
    assert sous(refait, POINT) == point
    assert hors(refait, "points/", "flux.duckdb") == hors(publies, "flux.duckdb")
    assert {f"{POINT}/index.html", "points/2025-09-30/index.html"} <= liens(sorties)
    assert verifier(sorties) == []


def test_un_point_sans_bilan_clos_a_son_index(entrees: Path, tmp_path: Path) -> None:
    sorties = tmp_path / "2025"
    assert lancer(entrees, sorties, "bilan", "2025", "--au", "30/06/2025") == 0
    assert {f"{POINT}/index.html", f"{POINT}/bilan/VILLE/bilan_2025_VILLE.html"} <= liens(sorties)
    assert not (sorties / "flux.duckdb").exists() and not (sorties / "bilan").exists()


def test_refaire_un_reservataire_garde_les_autres_dans_l_index(entrees: Path, clos: Path, tmp_path: Path) -> None:
    sorties = reprendre(clos, tmp_path / "out")
    tous = liens(sorties)
    assert lancer(entrees, sorties, "bilan", "2025", "--reservataire", "VILLE") == 0
    assert liens(sorties) == tous
    assert verifier(sorties) == []


def test_un_autre_exercice_est_refuse(
    entrees: Path, clos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sorties = reprendre(clos, tmp_path / "out")
    avant = empreintes(sorties)
    assert lancer(entrees, sorties, "bilan", "2026") == 1
    assert "contient l'exercice 2025" in capsys.readouterr().err
    assert empreintes(sorties) == avant


def test_un_autre_bailleur_est_refuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sorties = tmp_path / "2025"
    for bailleur, code in (("Office A", 0), ("OFFICE a", 0), ("Office B", 1)):
        tables = cas("etat_des_lieux")
        entete, rangs = lire_texte(tables["rpls"])
        tables["rpls"] = ecrire([*entete, "rs"], [[*rang, bailleur] for rang in rangs])
        assert lancer(deposer(tmp_path / bailleur, tables), sorties, "bilan", "2025") == code
    assert "contient les sorties de « OFFICE a » : celles de « Office B »" in capsys.readouterr().err


def test_la_defense_n_a_ni_objectif_ni_annexe_et_une_convention_sans_liste_n_en_a_pas(tmp_path: Path) -> None:
    tables = cas("etat_des_lieux")
    entete, rangs = lire_texte(tables["reservataires"])
    for rang in rangs:
        if rang[0] == "VILLE":
            rang[entete.index("type_reservataire")] = "defense"
        rang.append("sans_liste_logements" if rang[0] == "DEPT" else "")
    tables["reservataires"] = ecrire([*entete, "options"], rangs)
    sorties = tmp_path / "2025"
    assert lancer(deposer(tmp_path / "entrees", tables), sorties, "bilan", "2025") == 0
    noms = {fichier.name for fichier in (sorties / "bilan" / "VILLE").iterdir()}
    assert noms == {
        *("bilan_2025_VILLE.csv", "bilan_2025_VILLE.html", "bilan_2025_VILLE.xlsx"),
        *("logements_2025_VILLE.csv", "repartition_2025_VILLE.csv"),
    }
    assert (sorties / "bilan" / "DEPT" / "annexe_2026_DEPT.docx").exists()
    assert not (sorties / "bilan" / "DEPT" / "logements_2025_DEPT.csv").exists()
    dept = load_workbook(sorties / "bilan" / "DEPT" / "bilan_2025_DEPT.xlsx", read_only=True)
    ville = load_workbook(sorties / "bilan" / "VILLE" / "bilan_2025_VILLE.xlsx", read_only=True)
    assert "Vos logements" in ville.sheetnames and "Vos logements" not in dept.sheetnames
    assert any("elle n'est pas transmise" in str(c) for ligne in dept["Méthode"].values for c in ligne)
