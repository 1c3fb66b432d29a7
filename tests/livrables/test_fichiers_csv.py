"""The CSV files of the contract, to the byte."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.livrables import fichiers_csv
from flows.livrables.gabarits import lire_document
from flows.livrables.tableau import Valeur
from tests.livrables.entrepot_exemple import INJECTION, construire


@pytest.mark.parametrize(
    ("valeur", "attendu"),
    [
        (Decimal("1234567.500000"), "1234567,5"),
        (Decimal("10.000000"), "10"),
        (Decimal("0.000000"), "0"),
        (Decimal("-0.0000001"), "0"),
        (Decimal("-12.3"), "-12,3"),
        (Decimal("0.1234565"), "0,123457"),
        (Decimal("1E+3"), "1000"),
        (7, "7"),
        (None, ""),
        (True, "oui"),
        (date(2025, 1, 31), "2025-01-31"),
        ("2A004", "2A004"),
    ],
)
def test_une_cellule(valeur: Valeur, attendu: str) -> None:
    assert fichiers_csv.cellule(valeur) == attendu


@pytest.mark.parametrize("debut", ["=", "+", "-", "@", "\t", "\r"])
def test_un_texte_ne_devient_jamais_une_formule(debut: str) -> None:
    assert fichiers_csv.inerte(f"{debut}SUM(A1)") == f"'{debut}SUM(A1)"


@pytest.mark.parametrize("nombre", ["-12", "+3", "-1 234,56", "-0.5"])
def test_un_nombre_ecrit_comme_texte_reste_intact(nombre: str) -> None:
    assert fichiers_csv.inerte(nombre) == nombre


@pytest.mark.parametrize("formule", ["-1+1", "+1|cmd", "-2\n=1", "-1;=1", "--1", "-"])
def test_ce_qui_n_est_pas_seulement_un_nombre_est_neutralise(formule: str) -> None:
    assert fichiers_csv.inerte(formule) == "'" + formule


def test_la_forme_du_fichier_est_celle_du_contrat(tmp_path: Path) -> None:
    lignes = [(2026, "R;1", "a", 'dit "x"', Decimal("-0.340000"), "non fourni", "=1+1")]
    chemin = fichiers_csv.ecrire_csv(tmp_path / "f.csv", fichiers_csv.FLUX.colonnes, lignes)
    assert chemin.read_bytes() == (
        b"\xef\xbb\xbfannee;code_reservataire;ligne;libelle;valeur;valeur_exacte;unite\r\n"
        b'2026;"R;1";a;"dit ""x""";-0,34;non fourni;\'=1+1\r\n'
    )


def test_les_colonnes_sont_celles_du_contrat() -> None:
    assert ";".join(fichiers_csv.BILAN.colonnes) == "annee;code_reservataire;mesure;dimension;modalite;nombre;part_pct"
    assert ";".join(fichiers_csv.CONTROLES) == "gravite;code;fichier;feuille;ligne;colonne;valeur;message;correction"


@pytest.fixture(scope="module")
def entrepot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return construire(tmp_path_factory.mktemp("csv") / "flux.duckdb", manquantes=("previsions",), nb_anomalies=9)


def lignes_de(texte: str) -> list[list[str]]:
    """Rows of a file, without its heading."""
    return list(csv.reader(io.StringIO(texte, newline=""), delimiter=";"))[1:]


def test_chaque_bilan_a_ses_lignes_et_seulement_les_siennes(entrepot: Path) -> None:
    with duckdb.connect(str(entrepot), read_only=True) as con:
        bilans = fichiers_csv.lire(con, fichiers_csv.BILAN, ["R02", "_bailleur", "inconnu"])
        attendues = con.execute("select count(*) from bilan.mesures where code_reservataire = 'R02'").fetchone()
    lignes = lignes_de(bilans["R02"])
    assert {ligne[1] for ligne in lignes} == {"R02"}
    assert (len(lignes),) == attendues
    assert bilans["inconnu"] == ";".join(fichiers_csv.BILAN.colonnes) + "\r\n"
    assert [ligne[2:5] for ligne in lignes][:2] == [
        ["parc_total", "total", "total"],
        ["mises_a_disposition", "total", "total"],
    ]


def test_une_ligne_inconnue_du_flux_dit_non_fourni_jamais_zero(entrepot: Path) -> None:
    with duckdb.connect(str(entrepot), read_only=True) as con:
        flux = {ligne[2]: ligne[4:6] for ligne in lignes_de(fichiers_csv.lire(con, fichiers_csv.FLUX, ["R01"])["R01"])}
    assert flux["j"] == flux["f"] == ["non fourni", "non fourni"]
    assert flux["e"] == ["2", "1,354"]
    assert list(flux) == ["a", "b", "b.vente", "c", "d", "e", "f", "f.mutation_interne", "g", "h", "i", "j"]


TEXTES = st.text(alphabet=[*"=+-@\t\r\n;\"',. 0123a\u00e9\u00a0\u202f\u0661"], max_size=8)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(TEXTES | st.none(), st.decimals(-(10**12), 10**12, places=6) | st.none(), st.dates() | st.none()),
        max_size=6,
    )
)
def test_le_moteur_ecrit_les_memes_octets_que_python(lus: list[tuple[str | None, Decimal | None, date | None]]) -> None:
    fichier = fichiers_csv.Fichier(
        ("libelle", "nombre", "jour"), "textes as m", "code", "m.rang", inconnues=("nombre",)
    )
    with duckdb.connect() as con:
        con.execute(
            "create table textes (code varchar, rang integer, libelle varchar, nombre decimal(38, 6), jour date)"
        )
        for rang, (libelle, nombre, jour) in enumerate(lus):
            con.execute(
                "insert into textes values ('A', ?, ?, cast(? as decimal(38, 6)), ?)", [rang, libelle, nombre, jour]
            )
        texte = fichiers_csv.lire(con, fichier, ["A"])["A"]
    with TemporaryDirectory() as dossier:
        attendu = [(libelle, "non fourni" if nombre is None else nombre, jour) for libelle, nombre, jour in lus]
        par_python = fichiers_csv.ecrire_csv(Path(dossier) / "p.csv", fichier.colonnes, attendu).read_bytes()
        assert fichiers_csv.ecrire(Path(dossier) / "m.csv", texte).read_bytes() == par_python


def test_toutes_les_anomalies_les_plus_graves_d_abord(entrepot: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(entrepot), read_only=True) as con:
        lignes = fichiers_csv.lire_controles(con)
    chemin = fichiers_csv.ecrire_csv(tmp_path / "c.csv", fichiers_csv.CONTROLES, lignes)
    with chemin.open(encoding="utf-8-sig", newline="") as flux:
        lues = list(csv.DictReader(flux, delimiter=";"))
    assert [ligne["gravite"] for ligne in lues] == ["erreur"] * 3 + ["avertissement"] * 3 + ["information"] * 3
    valeurs = {ligne["valeur"] for ligne in lues}
    assert valeurs == {"'" + INJECTION, "-12"}


def test_chaque_colonne_est_expliquee_dans_le_document_commun() -> None:
    (feuille,) = [f for f in lire_document("methode")[0].feuilles if f.nom == "Colonnes des fichiers"]
    quatre = (fichiers_csv.BILAN, fichiers_csv.FLUX, fichiers_csv.REPARTITION, fichiers_csv.LOGEMENTS)
    ecrites = {c for f in quatre for c in f.colonnes}
    assert {colonne for _, colonne, _ in feuille.lignes} == ecrites
