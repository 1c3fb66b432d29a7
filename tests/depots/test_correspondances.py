"""From the untouched files of an office and its decisions to the healthy figures; never without the decisions."""

from pathlib import Path

import pytest

from flows.publication.manifeste import verifier
from tests.depots.dossier_oph import CORRESPONDANCES, deposer, ecrire_correspondances
from tests.pannes import campagne_saine, corpus

SANS = ("demandes", "sne", "volumes_droits", "coefficients_npnru")
"""Tables that the office has not."""


def changer(feuille: str, *lignes: list[object], sans: str = "") -> dict[str, list[list[object]]]:
    """The decisions with lines more in a sheet, and without those that hold a text."""
    gardees = [ligne for ligne in CORRESPONDANCES[feuille] if not sans or sans not in ligne]
    return CORRESPONDANCES | {feuille: [*gardees, *lignes]}


@pytest.fixture(scope="module")
def chiffres(tmp_path_factory: pytest.TempPathFactory) -> corpus.Photo:
    dossier = tmp_path_factory.mktemp("saine")
    entrees = campagne_saine.deposer(dossier / "in")
    for table in SANS:
        (entrees / f"{table}.csv").unlink()
    fin = corpus.executer("bilan", entrees, dossier / "out")
    assert fin.code == 0, fin.erreurs
    return corpus.chiffres(dossier / "out")


def test_les_fichiers_intacts_donnent_les_chiffres_justes(tmp_path: Path, chiffres: corpus.Photo) -> None:
    entrees, sorties = deposer(tmp_path / "raw"), tmp_path / "out"
    fin = corpus.executer("bilan", entrees, sorties)
    assert fin.code == 0, fin.erreurs
    lues = corpus.rapport(sorties)
    assert not [a for a in lues if a["gravite"] in ("bloquant", "erreur")]
    assert corpus.chiffres(sorties) == chiffres
    ecartees = {(a["fichier"], a["feuille"], a["ligne"]) for a in lues if a["code"] == "lignes_ecartees"}
    assert ecartees == {("PV CALEOL 2025.xlsx", "Mois 02", "5"), ("PV CALEOL 2025.xlsx", "Mois 12", "3")}
    assert corpus.comptages(sorties, ["PV CALEOL 2025.xlsx"]) == (7, 5, 2)
    assert {a["feuille"] for a in lues if a["code"] == "note_de_bas"} >= {"Mois 02", "Mois 12"}
    assert len([a for a in lues if a["code"] == "ligne_de_total"]) == 5
    assert verifier(sorties) == []
    assert '"correspondances.xlsx"' in (sorties / "manifeste.json").read_text(encoding="utf-8")


def test_une_decision_changee_refait_le_bilan(tmp_path: Path) -> None:
    entrees, sorties = deposer(tmp_path / "raw"), tmp_path / "out"
    assert corpus.executer("bilan", entrees, sorties).code == 0
    assert "Rien n'est refait" in (fin := corpus.executer("bilan", entrees, sorties)).dit + fin.erreurs
    autres = changer("Valeurs", ["attributions", "decision", "ACCORD", "decision=attribution, reponse_candidat=refuse"])
    ecrire_correspondances(entrees.parent, autres)
    assert "Rien n'est refait" not in (fin := corpus.executer("bilan", entrees, sorties)).dit + fin.erreurs


PV = "PV CALEOL*"
SEULS_LES_MOIS = CORRESPONDANCES | {"Feuilles": [["fichier", "feuille", "table"], [PV, "Mois*", "attributions"]]}


@pytest.mark.parametrize(
    ("correspondances", "code", "feuille"),
    [
        (changer("Feuilles", ["Autre*", None, None]), "correspondance_en_attente", "Feuilles"),
        (changer("Feuilles", ["Autre*", None, "baux"]), "correspondance_invalide", "Feuilles"),
        (changer("Colonnes", [PV, None, "attributions", "Rang", "rang_lu"]), "correspondance_invalide", "Colonnes"),
        (SEULS_LES_MOIS, "feuille_non_decidee", "Notes"),
        (changer("Colonnes", [PV, None, None, "Date du passage", "date_caleol"]), "intitule_decide_absent", "Mois 02"),
        (changer("Valeurs", sans="AJOURNÉ"), "valeur_illisible", "Mois 02"),
        (changer("Constantes", sans="Ville"), "colonne_absente", "Ville"),
    ],
    ids=["en attente", "table", "colonne", "feuille", "intitulé", "mot", "constante"],
)
def test_sans_une_decision_rien_de_faux_n_est_publie(
    tmp_path: Path, correspondances: dict[str, list[list[object]]], code: str, feuille: str
) -> None:
    """Exit 1 with the cause and its place; a word that nobody decided rejects its row and says so."""
    entrees, sorties = deposer(tmp_path / "raw", correspondances), tmp_path / "out"
    fin = corpus.executer("bilan", entrees, sorties)
    lues = corpus.rapport(sorties)
    dites = [a for a in lues if (a["code"], a["feuille"]) == (code, feuille)]
    assert dites
    assert (fin.code, dites[0]["gravite"]) in ((1, "bloquant"), (1, "erreur"), (0, "erreur"))
