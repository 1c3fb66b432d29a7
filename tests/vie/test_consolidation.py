"""Several bailleurs, one of which is broken: it harms nobody, and every total says that it is missing."""

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.vie import consolidation
from tests.commande import gestion_flux
from tests.pannes.campagne_saine import ANNEE, deposer

SAINS = ("Alpha Habitat", "Béta-Logement", "Delta")


@pytest.fixture(scope="module")
def racine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    racine = tmp_path_factory.mktemp("bailleurs")
    for nom in (*SAINS, "Casse"):
        deposer(racine / nom / "data" / "raw" / str(ANNEE))
    (racine / "Casse" / "data" / "raw" / str(ANNEE) / "reservataires.csv").write_text("code;x\nV;1\n", encoding="utf-8")
    return racine


def _consolider(racine: Path, vers: Path, attendu: int = 1) -> list[dict[str, str]]:
    fin = gestion_flux("consolider", racine, "--annee", ANNEE, "--vers", vers, "--json", attendu=attendu)
    lues: list[dict[str, str]] = json.loads(fin.stdout)
    return lues


def test_un_bailleur_casse_ne_gene_personne(racine: Path, tmp_path: Path) -> None:
    vers = tmp_path / "out"
    issues = _consolider(racine, vers)
    assert {i["bailleur"]: i["resultat"] for i in issues} == dict.fromkeys(SAINS, "publié") | {"Casse": "refusé"}
    dossier = vers / f"consolidation-{ANNEE}"
    page = (dossier / "index.html").read_text("utf-8")
    assert "Chiffres de 3 bailleurs sur 4" in page and "Ensemble (3 sur 4)" in page and "Casse" in page
    with duckdb.connect(str(dossier / "consolidation.duckdb"), read_only=True) as con:
        parcs: Any = con.execute(
            "select bailleur, parc_total from bilan.synthese where code_reservataire = '_bailleur' order by 1"
        ).fetchall()
        assert parcs == [(nom, 30) for nom in SAINS]
        communs = con.execute("select count(distinct reservataire_commun), count(*) from bilan.reservataires_communs")
        assert communs.fetchone() == (3, 9)
    # what is there is not done again, and gives the same
    avant = _empreintes(dossier)
    assert {i["resultat"] for i in _consolider(racine, vers)} == {"inchangé", "refusé"}
    assert _empreintes(dossier) == avant


def test_une_racine_vide_est_un_mauvais_usage(tmp_path: Path) -> None:
    fin = gestion_flux("consolider", tmp_path, "--annee", ANNEE, "--vers", tmp_path / "out", attendu=2)
    assert "aucun dossier de bailleur" in fin.stderr


def test_une_grappe_dask_donne_les_memes_octets(racine: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    ici = consolidation.consolider(racine, ANNEE, tmp_path / "ici", 2)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as grappe:
        adresse = grappe.scheduler_address
        la = consolidation.consolider(racine, ANNEE, tmp_path / "la", 2, consolidation.par_dask(adresse))
    assert [(i.bailleur, i.resultat) for i in ici] == [(i.bailleur, i.resultat) for i in la]
    nom = f"consolidation-{ANNEE}"
    assert _empreintes(tmp_path / "ici" / nom) == _empreintes(tmp_path / "la" / nom)


def _empreintes(dossier: Path) -> dict[str, str]:
    """Of everything but the warehouse, whose tables are those of the Parquet files."""
    return {
        f.relative_to(dossier).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(dossier.rglob("*"))
        if f.is_file() and f.suffix != ".duckdb"
    }
