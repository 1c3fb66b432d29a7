"""What the bailleur decided, row by row: constants, months that complete days, words that give several columns."""

from pathlib import Path

import polars as pl
import pytest

from flows.contrat.schema import charger
from flows.depot.feuilles import Feuille
from flows.tables.correspondances import Correspondances, Ligne, cle_du_mot
from flows.tables.decisions import Decisions, appliquer, decisions_de

COLONNES = charger().tables["attributions"].colonnes


def dates(*cellules: str | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"ligne": range(2, 2 + len(cellules)), "date_caleol": cellules}, schema_overrides={"ligne": int}
    )


@pytest.mark.parametrize("mois", ["janvier 2025", "01/2025", "2025-01"])
def test_le_mois_d_une_feuille_complete_les_jours_seuls(mois: str) -> None:
    lues, _ = appliquer(
        dates("15", "7.0", "16/01", "05/02/2025", None), Decisions(constantes={"date_caleol": mois}), COLONNES
    )
    assert lues["date_caleol"].to_list() == ["15/01/2025", "7/01/2025", "16/01/2025", "05/02/2025", None]


@pytest.mark.parametrize("ecrit", ["Janvier", "janv.", "JANVIER"])
def test_un_mois_sans_annee_est_celui_de_l_exercice(ecrit: str) -> None:
    ligne = Ligne(2, {"feuille": "Janvier", "colonne": "date_caleol", "valeur": ecrit})
    feuille = Feuille("pv.xlsx", "Janvier", Path("inutile"), 3, False, (), "xlsx")
    decisions = decisions_de(Correspondances({"constantes": (ligne,)}), feuille, "attributions", 2025)
    assert appliquer(dates("15"), decisions, COLONNES)[0]["date_caleol"].to_list() == ["15/01/2025"]


def test_une_date_entiere_est_celle_des_cases_vides() -> None:
    lues, _ = appliquer(dates("15/03/2025", None), Decisions(constantes={"date_caleol": "31/01/2025"}), COLONNES)
    assert lues["date_caleol"].to_list() == ["15/03/2025", "31/01/2025"]


@pytest.mark.parametrize(
    ("mot", "cle"), [("REF. CAND", "refcand"), ("-", ""), ("", ""), ("?", "?"), ("+", "+"), (" – ", "")]
)
def test_un_signe_n_est_pas_une_case_vide(mot: str, cle: str) -> None:
    assert cle_du_mot(mot) == cle


def test_la_ligne_la_plus_precise_l_emporte() -> None:
    def ligne(fichier: str, feuille: str, colonne: str) -> Ligne:
        return Ligne(2, {"fichier": fichier, "feuille": feuille, "intitule": "Date", "colonne": colonne})

    decidees = Correspondances(
        {"colonnes": (ligne("pv.xlsx", "Mars", "date_caleol"), ligne("", "", "date_offre"), ligne("pv*", "", "rang"))}
    )
    assert decidees.colonnes("pv.xlsx", "Mars", "attributions") == {"date": "date_caleol"}
    assert decidees.colonnes("pv.xlsx", "Avril", "attributions") == {"date": "rang"}
    assert decidees.colonnes("autre.xlsx", "Mars", "attributions") == {"date": "date_offre"}


@pytest.mark.parametrize(("table", "colonne"), [("droits", "ident_interne"), ("rpls", "ident_int")])
def test_la_reference_du_bailleur_est_la_sienne_dans_chaque_table(table: str, colonne: str) -> None:
    logement = Ligne(2, {"fichier": "", "intitule": "Logt", "reference": "ident_interne"})
    assert Correspondances({"logements": (logement,)}).colonnes("a.xlsx", "", table) == {"logt": colonne}
