"""The category of the bailleur is asked where the law needs it: dwellings without convention, outside the DROM."""

from pathlib import Path

import polars as pl
import pytest

from flows.anomalies import Gravite
from flows.depot.feuilles import Feuille
from flows.tables.categorie_bailleur import QUESTION, completer
from flows.tables.correspondances import Correspondances, Ligne

FEUILLE = Feuille("rpls_2025.txt", "", Path("inutile"), 3, False, (), "csv")
LOGEMENTS = pl.DataFrame(
    {
        "ligne": [2, 3, 4],
        "ident_rep": ["0000000001", "0000000002", "0000000003"],
        "depcom": ["01004", "01004", "97209"],
        "conv": ["1", "2", "2"],
    }
)


def reponses(texte: str) -> dict[str, str]:
    return Correspondances({"bailleur": (Ligne(2, {"question": QUESTION, "reponse": texte}),)}).bailleur


CATEGORIES = [("SEM", "251"), ("sem", "251"), ("OPH", "131"), ("ESH", "211"), ("259", "259")]


@pytest.mark.parametrize(("reponse", "code"), CATEGORIES)
def test_la_reponse_est_la_categorie_de_tous_les_logements(reponse: str, code: str) -> None:
    completes, dites = completer(LOGEMENTS, FEUILLE, reponses(reponse), est_declaration=True)
    assert completes["cat_org"].to_list() == [code] * 3
    assert dites == []


def test_sans_reponse_les_logements_sont_comptes_et_qui_decide_est_arrete() -> None:
    _, (dite,) = completer(LOGEMENTS, FEUILLE, {}, est_declaration=True)
    assert (dite.gravite, dite.code, dite.ligne) == (Gravite.ERREUR, "categorie_bailleur_inconnue", 3)
    assert dite.message.startswith("1 logement(s) non conventionné(s)")
    assert QUESTION in dite.correction
    _, (dite,) = completer(LOGEMENTS, FEUILLE, {}, est_declaration=True, gravite=Gravite.BLOQUANT)
    assert dite.gravite is Gravite.BLOQUANT


def test_un_autre_fichier_de_bailleur_est_une_erreur_un_fichier_public_rien() -> None:
    _, (dite,) = completer(LOGEMENTS, FEUILLE, {}, est_declaration=False)
    assert dite.gravite is Gravite.ERREUR
    assert completer(LOGEMENTS.drop("ident_rep"), FEUILLE, {}, est_declaration=False)[1] == []


def test_rien_a_demander_quand_le_fichier_le_dit_ou_que_tout_est_conventionne() -> None:
    dit = LOGEMENTS.with_columns(pl.lit("132").alias("cat_org"))
    assert completer(dit, FEUILLE, reponses("SEM"), est_declaration=True)[0].equals(dit)
    conventionnes = LOGEMENTS.with_columns(pl.lit("1").alias("conv"))
    assert completer(conventionnes, FEUILLE, {}, est_declaration=True)[1] == []
