"""Last year's closed flux gives this year's objectives: j and report, hashed like an input, never a point's."""

import json
from pathlib import Path

import polars as pl
import pytest

from flows.campagne import Campagne
from flows.tables.lecture import Lecture
from flows.tables.objectifs_precedents import completer
from tests.unit.test_noms_reservataires import CONVENTIONS, ecrire

FLUX = "\ufeffannee;code_reservataire;ligne;libelle;valeur;valeur_exacte;unite\r\n"


def publier(sorties: Path, au: str | None = None) -> None:
    dossier = sorties / "2024" / "bilan" / "ALS"
    dossier.mkdir(parents=True)
    lignes = ("d;;6,25;;", "j;;4,5;;", "report;;-1,25;;", "objectif;;3,25;;")
    texte = FLUX + "".join(f"2025;ALS;{ligne}\r\n" for ligne in lignes)
    (dossier / "flux_2025_ALS.csv").write_text(texte, encoding="utf-8", newline="")
    manifeste = {
        "executions": {"x": {"au": au, "commande": "bilan"}},
        "sorties": {"bilan/ALS/flux_2025_ALS.csv": {"execution": "x"}},
    }
    (sorties / "2024" / "manifeste.json").write_text(json.dumps(manifeste), encoding="utf-8")


@pytest.fixture
def lue(tmp_path: Path) -> Lecture:
    return Lecture(tables={"reservataires": ecrire(tmp_path, "reservataires", CONVENTIONS)})


def test_le_flux_clos_donne_l_objectif_et_le_report(tmp_path: Path, lue: Lecture) -> None:
    publier(tmp_path / "out")
    (recu,) = completer(Campagne(2025, tmp_path, tmp_path / "out" / "2025"), lue, tmp_path)
    assert (recu.nom, recu.table, len(recu.sha256)) == ("2024/bilan/ALS/flux_2025_ALS.csv", "objectifs", 64)
    (objectif,) = pl.read_parquet(lue.tables["objectifs"]).to_dicts()
    assert (objectif["annee"], objectif["code_reservataire"], objectif["ligne"]) == ("2025", "ALS", 3)
    assert (objectif["flux_reservataire"], objectif["report_anterieur"]) == ("4.5", "-1.25")
    assert objectif["taux_rotation_pct"] == "6.25"
    assert [a.code for a in lue.anomalies] == ["objectifs_repris"]


def test_un_point_en_cours_d_annee_n_annonce_rien(tmp_path: Path, lue: Lecture) -> None:
    publier(tmp_path / "out", au="2024-03-31")
    assert completer(Campagne(2025, tmp_path, tmp_path / "out" / "2025"), lue, tmp_path) == []
    assert "objectifs" not in lue.tables
    assert [a.code for a in lue.anomalies] == ["objectif_provisoire"]


def test_la_table_objectifs_l_emporte(tmp_path: Path, lue: Lecture) -> None:
    publier(tmp_path / "out")
    donnee = {"annee": "2025", "code_reservataire": "ALS", "flux_reservataire": "9"}
    lue.tables["objectifs"] = ecrire(tmp_path, "objectifs", [donnee])
    assert completer(Campagne(2025, tmp_path, tmp_path / "out" / "2025"), lue, tmp_path) == []
