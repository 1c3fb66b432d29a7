"""A réservataire is found by its code, its libelle or another of its names; a shared name is refused, naming both."""

from pathlib import Path

import polars as pl
import pytest

from flows.contrat.nommage import faute_du_code
from flows.contrat.schema import charger
from flows.tables.conventions_lues import autre_alphabet
from flows.tables.lecture import PROVENANCE, Comptage, Lecture
from flows.tables.noms_reservataires import resoudre

CONVENTIONS = [
    {"code_reservataire": "VILLE", "libelle": "Ville de Bastia", "autres_noms": "Mairie de Bastia ; Commune Bastia"},
    {"code_reservataire": "V-1", "libelle": "Vallée", "autres_noms": "Le Val"},
    {"code_reservataire": "V 1", "libelle": "Voisine", "autres_noms": "le val"},
    {"code_reservataire": "ALS", "libelle": "Action Logement", "autres_noms": None},
]


def ecrire(dossier: Path, table: str, lignes: list[dict[str, str | None]]) -> Path:
    colonnes = [*PROVENANCE, *charger().tables[table].conservees]
    donnees = [{"fichier": f"{table}.csv", "feuille": "", "ligne": n} | ligne for n, ligne in enumerate(lignes, 2)]
    schema = {c: pl.Int64 if c == "ligne" else pl.String for c in colonnes}
    chemin = dossier / f"{table}.parquet"
    pl.DataFrame([{c: ligne.get(c) for c in colonnes} for ligne in donnees], schema=schema).write_parquet(chemin)
    return chemin


def lecture(dossier: Path, table: str, lignes: list[dict[str, str | None]]) -> Lecture:
    return Lecture(
        tables={
            "reservataires": ecrire(dossier, "reservataires", CONVENTIONS),
            table: ecrire(dossier, table, lignes),
        },
        comptages=[Comptage(table, f"{table}.csv", "", len(lignes), len(lignes), 0)],
    )


@pytest.mark.parametrize(
    ("ecrit", "code"),
    [
        ("VILLE", "VILLE"),
        ("ville", "VILLE"),
        ("VILLE DE BASTIA", "VILLE"),
        ("mairie de bastia", "VILLE"),
        ("Commune-Bastia", "VILLE"),
        ("V-1", "V-1"),
        ("V 1", "V 1"),
        ("Inconnue", "Inconnue"),
        (None, None),
    ],
)
def test_un_reservataire_est_trouve_par_son_code_ou_un_de_ses_noms(
    tmp_path: Path, ecrit: str | None, code: str | None
) -> None:
    lue = lecture(tmp_path, "attributions", [{"code_reservataire": ecrit, "decision": "attribution"}])
    resoudre(lue)
    assert pl.read_parquet(lue.tables["attributions"])["code_reservataire"].to_list() == [code]
    assert lue.anomalies == []


@pytest.mark.parametrize("ecrit", ["v1", "LE VAL"])
def test_un_nom_partage_rejette_la_ligne_et_nomme_les_deux(tmp_path: Path, ecrit: str) -> None:
    lue = lecture(tmp_path, "propositions", [{"code_reservataire": "ALS"}, {"code_reservataire": ecrit}])
    resoudre(lue)
    assert pl.read_parquet(lue.tables["propositions"])["code_reservataire"].to_list() == ["ALS"]
    (anomalie,) = lue.anomalies
    assert (anomalie.code, anomalie.ligne, anomalie.valeur) == ("reservataire_ambigu", 3, ecrit)
    assert "V 1 ou V-1" in anomalie.message
    (comptage,) = lue.comptages
    assert (comptage.lues, comptage.acceptees, comptage.rejetees) == (2, 1, 1)


@pytest.mark.parametrize(
    ("decide", "code"),
    [("ALS", "ALS"), ("als", "ALS"), ("action logement", "ALS"), ("V-1", "V-1"), ("Non inscrit", "Non inscrit")],
)
def test_une_decision_donne_un_code_ou_un_nom(tmp_path: Path, decide: str, code: str) -> None:
    lue = lecture(tmp_path, "attributions", [{"code_reservataire": "AL'in"}])
    resoudre(lue, {"alin": decide})
    assert pl.read_parquet(lue.tables["attributions"])["code_reservataire"].to_list() == [code]


def test_l_inventaire_peut_donner_le_nom_dans_sa_colonne(tmp_path: Path) -> None:
    lignes: list[dict[str, str | None]] = [
        {"code_reservataire": None, "reservataire": "Mairie de Bastia", "nature_droit": "ds"},
        {"code_reservataire": "ALS", "reservataire": "Mairie de Bastia", "nature_droit": "ds"},
        {"code_reservataire": None, "reservataire": "Personne", "nature_droit": "ds"},
    ]
    lue = lecture(tmp_path, "droits", lignes)
    resoudre(lue)
    assert pl.read_parquet(lue.tables["droits"])["code_reservataire"].to_list() == ["VILLE", "ALS", None]


@pytest.mark.parametrize("code", ["COM¹", "lpt²", "€" * 80, "A" * 81, "con", " A", "A."])
def test_un_code_qui_ne_peut_nommer_un_fichier_nulle_part(code: str) -> None:
    assert faute_du_code(code)


def test_une_lettre_d_un_autre_alphabet_est_dite() -> None:
    assert autre_alphabet("АLS") == "« А » (cyrillic capital letter a)"
    assert autre_alphabet("ÉVÊCHÉ_Œ-12²") == ""
    assert not faute_du_code("É" * 80)


def test_une_cle_est_celle_du_reservataire_trouve_non_de_son_ecriture(tmp_path: Path) -> None:
    """Two announced flows of one year and one réservataire, by its code and by its name: added, without a word."""
    lignes = [
        {"annee": "2025", "code_reservataire": code, "flux_reservataire": flux}
        for code, flux in [("VILLE", "3"), ("Ville de Bastia", "4"), ("ALS", "5"), ("als", "5"), ("V-1", "6")]
    ]
    lue = lecture(tmp_path, "objectifs", lignes)
    resoudre(lue)
    gardees = pl.read_parquet(lue.tables["objectifs"])
    assert gardees["code_reservataire"].to_list() == ["VILLE", "VILLE", "ALS", "V-1"]
    assert [(a.code, a.ligne) for a in lue.anomalies] == [
        ("ligne_en_double", 5),
        ("cle_partagee", 2),
        ("cle_partagee", 3),
    ]
    (comptage,) = lue.comptages
    assert (comptage.lues, comptage.acceptees, comptage.rejetees, comptage.doubles) == (5, 4, 1, 1)
