"""The workbooks to fill: read back as their tables once filled, silent as they are, and never replaced."""

from pathlib import Path

import openpyxl
import pytest

from flows.anomalies import MauvaisUsage
from flows.contrat.schema import charger
from flows.modeles import SEULES, ecrire_modeles
from flows.tables.correspondances import CONVENTIONS
from tests.pannes import campagne_saine, corpus

TABLES = {"reservataires": "Conventions", "objectifs": "Flux annoncés", "previsions": "Prévisions"}


def remplir(chemin: Path, feuille: str, table: str) -> None:
    """The rows of the healthy campaign, below the row of example."""
    livre = openpyxl.load_workbook(chemin)
    page = livre[feuille]
    rangs = {cellule.value: cellule.column for cellule in page[1]}
    entete, *lignes = campagne_saine.TABLES[table]
    for numero, ligne in enumerate(lignes, start=3):
        for nom, texte in zip(entete, ligne, strict=True):
            if texte:
                page.cell(numero, rangs[nom], texte)
    livre.save(chemin)


def test_remplis_ils_donnent_les_chiffres_de_la_campagne(tmp_path: Path) -> None:
    saine = corpus.executer("bilan", campagne_saine.deposer(tmp_path / "saine"), tmp_path / "a")
    assert saine.code == 0
    entrees = campagne_saine.deposer(tmp_path / "in")
    for nom in (*TABLES, *SEULES):
        (entrees / f"{nom}.csv").unlink()
    ecrire_modeles(entrees)
    for table, feuille in TABLES.items():
        remplir(entrees / "conventions.xlsx", feuille, table)
    for table in SEULES:
        remplir(entrees / f"{table}.xlsx", table, table)
    fin = corpus.executer("bilan", entrees, tmp_path / "b")
    assert fin.code == 0, fin.erreurs
    lues = corpus.rapport(tmp_path / "b")
    assert not [a for a in lues if a["gravite"] in ("bloquant", "erreur")]
    assert sum(a["code"] == "ligne_d_exemple" for a in lues) == len(TABLES) + len(SEULES)
    assert corpus.chiffres(tmp_path / "b") == corpus.chiffres(tmp_path / "a")


def test_ce_qui_est_rempli_n_est_jamais_remplace(tmp_path: Path) -> None:
    ecrire_modeles(tmp_path)
    avant = (tmp_path / "conventions.xlsx").read_bytes()
    with pytest.raises(MauvaisUsage, match=r"conventions\.xlsx"):
        ecrire_modeles(tmp_path)
    assert (tmp_path / "conventions.xlsx").read_bytes() == avant


def test_chaque_colonne_du_contrat_y_est_avec_sa_note(tmp_path: Path) -> None:
    ecrire_modeles(tmp_path)
    livre = openpyxl.load_workbook(tmp_path / "conventions.xlsx")
    for feuille, table in CONVENTIONS.items():
        cellules = livre[feuille][1]
        assert [c.value for c in cellules] == [c.nom for c in charger().tables[table].colonnes.values()]
        assert all(c.comment for c in cellules)
        assert livre[feuille].data_validations.count
