"""Dwellings: found exactly, then by letters and digits; two are refused; a table that finds none stops the run."""

from pathlib import Path

import polars as pl
import pytest

from flows.anomalies import Gravite
from flows.tables.lecture import Comptage, Lecture
from flows.tables.logements import resoudre
from tests.unit.test_noms_reservataires import ecrire

RPLS = [
    {"millesime": "2025", "ident_rep": "0037273001", "ident_int": "R001"},
    {"millesime": "2026", "ident_rep": "0037273001", "ident_int": "R-001"},
    {"millesime": "2025", "ident_rep": "0037273002", "ident_int": "12-3"},
    {"millesime": "2025", "ident_rep": "0037273003", "ident_int": "1-23"},
    {"millesime": "2025", "ident_rep": None, "ident_int": "A/0007"},
    {"millesime": "2025", "ident_rep": "ABC0000004", "ident_int": None},
]


def lire(
    dossier: Path, table: str, *cites: tuple[str | None, str | None], **autres: list[dict[str, str | None]]
) -> Lecture:
    lignes: list[dict[str, str | None]] = [{"ident_rep": rep, "ident_interne": interne} for rep, interne in cites]
    tables = {"rpls": ecrire(dossier, "rpls", [dict(ligne) for ligne in RPLS]), table: ecrire(dossier, table, lignes)}
    tables |= {nom: ecrire(dossier, nom, contenu) for nom, contenu in autres.items()}
    comptages = [Comptage(table, f"{table}.csv", "", len(lignes), len(lignes), 0)]
    lue = Lecture(tables=tables, comptages=comptages)
    resoudre(lue)
    return lue


def trouves(lue: Lecture, table: str) -> list[tuple[str | None, str | None]]:
    return pl.read_parquet(lue.tables[table]).select("ident_rep", "ident_interne").rows()


@pytest.mark.parametrize(
    ("rep", "interne", "attendu"),
    [
        ("0037273001", None, ("0037273001", None)),
        (None, "R001", (None, "R001")),
        ("9999999999", "R001", ("0037273001", "R001")),
        ("abc0000004", None, ("ABC0000004", None)),
        (None, "r.001", ("0037273001", "R001")),
        (None, "R 001", ("0037273001", "R001")),
        (None, "a7", (None, "a7")),
        (None, "A0007", (None, "A/0007")),
        (None, "0012-3", ("0037273002", "12-3")),
    ],
)
def test_un_logement_est_trouve_par_ses_identifiants_puis_par_leurs_lettres_et_chiffres(
    tmp_path: Path, rep: str | None, interne: str | None, attendu: tuple[str | None, str | None]
) -> None:
    if interne == "0012-3":  # two dwellings: neither
        lue = lire(tmp_path, "liberations", ("0037273001", None), (rep, interne))
        (anomalie,) = lue.anomalies
        assert (anomalie.code, anomalie.ligne, anomalie.gravite) == ("logement_ambigu", 3, Gravite.ERREUR)
        assert "0037273002 et 0037273003" in anomalie.message
        assert trouves(lue, "liberations") == [("0037273001", None)]
        assert (lue.comptages[0].acceptees, lue.comptages[0].rejetees) == (1, 1)
        return
    lue = lire(tmp_path, "liberations", ("0037273001", None), (rep, interne))
    trouve = trouves(lue, "liberations")[1]
    assert trouve[0] == attendu[0]
    assert trouve[0] or trouve[1] == attendu[1]
    dites = [a for a in lue.anomalies if a.code == "logements_rapproches"]
    assert bool(dites) == ((rep, interne) != trouve)


def test_dit_une_fois_par_fichier(tmp_path: Path) -> None:
    lue = lire(tmp_path, "attributions", (None, "r001"), (None, "r/001"), ("0037273002", None))
    (anomalie,) = lue.anomalies
    assert (anomalie.code, anomalie.ligne, anomalie.valeur) == ("logements_rapproches", 2, "r001")
    assert anomalie.message.startswith("2 lignes")


@pytest.mark.parametrize("table", ["liberations", "propositions", "attributions", "droits"])
def test_une_table_dont_aucun_logement_n_est_trouve_est_bloquante(tmp_path: Path, table: str) -> None:
    lue = lire(tmp_path, table, ("1111111111", None), (None, "inconnu"))
    assert [(a.code, a.gravite) for a in lue.anomalies] == [("logements_inconnus", Gravite.BLOQUANT)]


def test_moins_de_la_moitie_est_une_erreur_la_moitie_non(tmp_path: Path) -> None:
    moitie = lire(tmp_path, "propositions", ("0037273001", None), ("1111111111", None))
    assert moitie.anomalies == []
    moins = lire(tmp_path, "propositions", ("0037273001", None), ("1111111111", None), ("2222222222", None))
    assert [(a.code, a.gravite) for a in moins.anomalies] == [("logements_inconnus", Gravite.ERREUR)]


def test_un_logement_de_l_inventaire_est_connu_des_evenements(tmp_path: Path) -> None:
    droits: list[dict[str, str | None]] = [{"ident_rep": "1111111111"}, {"ident_rep": "0037273001"}]
    lue = lire(tmp_path, "liberations", ("1111111111", None), droits=droits)
    assert lue.anomalies == []


def test_le_rpls_public_n_identifie_rien(tmp_path: Path) -> None:
    sans = [{"millesime": "2025", "ident_rep": None, "ident_int": None}]
    lue = Lecture(tables={"rpls": ecrire(tmp_path, "rpls", [dict(s) for s in sans]),
                          "liberations": ecrire(tmp_path, "liberations", [{"ident_rep": "1111111111"}])})  # fmt: skip
    resoudre(lue)
    assert lue.anomalies == []
