"""The workbooks to fill: read back as their tables once filled, silent as they are, and never replaced."""

from pathlib import Path

import openpyxl
import pytest

from flows.anomalies import MauvaisUsage
from flows.contrat.presets import COLONNES, lire_presets
from flows.contrat.schema import charger, normaliser_entete
from flows.modeles import SEULES, ecrire_modeles
from flows.tables.correspondances import CONVENTIONS
from tests.commande import flux
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


def test_remplis_ils_donnent_les_chiffres_de_la_campagne(tmp_path: Path, saine_publiee: Path) -> None:
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
    assert corpus.chiffres(tmp_path / "b") == corpus.chiffres(saine_publiee)


def test_un_modele_que_personne_n_a_rempli_ne_donne_pas_sa_table(tmp_path: Path) -> None:
    """« Prévisions » left blank: lines f, h and j are « non fourni », never a zero."""
    entrees = campagne_saine.deposer(tmp_path / "in")
    for table in ("reservataires", "previsions", "liberations"):
        (entrees / f"{table}.csv").unlink()
    ecrire_modeles(tmp_path / "m")
    for nom in ("conventions", "liberations"):
        (tmp_path / "m" / f"{nom}.xlsx").rename(entrees / f"{nom}.xlsx")
    remplir(entrees / "conventions.xlsx", "Conventions", "reservataires")
    fin = corpus.executer("bilan", entrees, tmp_path / "out")
    assert fin.code == 0, fin.erreurs
    lues = flux(tmp_path / "out", campagne_saine.ANNEE, "VILLE")
    assert [lues[ligne] for ligne in ("f", "h", "j")] == [None, None, None]
    dites = {(a["code"], a["feuille"]) for a in corpus.rapport(tmp_path / "out")}
    assert ("ligne_d_exemple", "Prévisions") in dites and ("table_vide", "Prévisions") not in dites
    assert ("ligne_d_exemple", "liberations") in dites


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


def test_un_modele_choisi_remplit_les_cases_vides_et_le_dit(tmp_path: Path) -> None:
    """The conventions that follow a model need not say what it chose; a filled cell wins."""
    entrees = campagne_saine.deposer(tmp_path / "in")
    saine = corpus.executer("bilan", entrees, tmp_path / "a")
    assert saine.code == 0
    (entrees / "reservataires.csv").unlink()
    ecrire_modeles(tmp_path / "m")
    livre = openpyxl.load_workbook(tmp_path / "m" / "conventions.xlsx")
    page = livre["Conventions"]
    rangs = {cellule.value: cellule.column for cellule in page[1]}
    entete, *lignes = campagne_saine.TABLES["reservataires"]
    laissees = ("mode_taux", "evenement_decompte", "base_rotation")
    for numero, ligne in enumerate(lignes, start=3):
        donnees = dict(zip(entete, ligne, strict=True))
        if donnees["code_reservataire"] == "VILLE":  # the model of [002] says the same of these columns
            page.cell(numero, rangs["modele_convention"], "[002] Commune de Boulbon (Bouches-du-Rhône, 2024-2026)")
            donnees |= {**dict.fromkeys(laissees, ""), "report_n1": "non"}  # where the model says oui
        for nom, texte in donnees.items():
            if texte:
                page.cell(numero, rangs[nom], texte)
    livre.save(entrees / "conventions.xlsx")
    fin = corpus.executer("bilan", entrees, tmp_path / "b")
    assert fin.code == 0, fin.erreurs
    lues = corpus.rapport(tmp_path / "b")
    assert not [a for a in lues if a["gravite"] in ("bloquant", "erreur")]
    (dite,) = [a for a in lues if a["code"] == "modele_de_convention"]
    assert (dite["ligne"], dite["gravite"]) == ("4", "information")
    assert "evenement_decompte = mise_a_disposition" in dite["message"] and "taux_pct" not in dite["message"]
    assert "report_n1" not in dite["message"]
    assert corpus.chiffres(tmp_path / "b") == corpus.chiffres(tmp_path / "a")


@pytest.mark.parametrize("modele", lire_presets())
def test_chaque_modele_a_des_choix_que_le_contrat_connait(modele: str) -> None:
    preset, colonnes = lire_presets()[modele], charger().tables["reservataires"].colonnes
    for nom in COLONNES:
        for code in preset[nom].split(",") if preset[nom] else ():
            if colonnes[nom].liste:
                assert code in charger().modalites[colonnes[nom].liste], (nom, code)
    assert charger().codes["modele_convention"][normaliser_entete(preset["nom"])] == modele
