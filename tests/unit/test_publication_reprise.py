"""What a run replaces among what is published, what it carries over, and what it refuses to replace."""

import os
from collections.abc import Mapping
from dataclasses import replace as autre
from datetime import date
from pathlib import Path

import pytest

from flows.anomalies import ArretBloquant
from flows.campagne import Campagne
from flows.publication.manifeste import lire_manifeste, verifier
from flows.publication.parution import chantier, publier, retablir

BILAN = {
    "index.html": "i1",
    "flux.duckdb.txt": "w1",
    "bilan/maire/bilan_2025_maire.csv": "m1",
    "bilan/maire/annexe_2026_maire.docx": "a1",
    "bilan/prefet/bilan_2025_prefet.csv": "p1",
}


@pytest.fixture
def campagne(tmp_path: Path) -> Campagne:
    (tmp_path / "in").mkdir()
    return Campagne(2025, tmp_path / "in", tmp_path / "out" / "2025")


def passer(campagne: Campagne, contenus: Mapping[str, str]) -> None:
    with chantier(campagne) as lieu:
        for nom, contenu in contenus.items():
            (lieu / nom).parent.mkdir(parents=True, exist_ok=True)
            (lieu / nom).write_text(contenu)
        publier(campagne, lieu, [], [])


def contenus(campagne: Campagne) -> dict[str, str]:
    sorties = campagne.sorties
    lus = {p.relative_to(sorties).as_posix(): p.read_text() for p in sorties.rglob("*") if p.is_file()}
    lus.pop("manifeste.json")
    return lus


def production_de(campagne: Campagne, nom: str) -> str:
    manifeste = lire_manifeste(campagne.sorties)
    production: str = manifeste["executions"][manifeste["sorties"][nom]["execution"]]["production"]
    return production


def test_une_nouvelle_execution_retire_ce_qu_elle_ne_produit_plus(campagne: Campagne) -> None:
    passer(campagne, BILAN)
    passer(campagne, {"index.html": "i2"})
    assert contenus(campagne) == {"index.html": "i2"}
    assert verifier(campagne.sorties) == []


def test_l_etat_des_lieux_et_le_bilan_se_laissent_en_place(campagne: Campagne) -> None:
    passer(campagne, BILAN)
    juin = autre(campagne, commande="etat-des-lieux", au=date(2025, 6, 30))
    novembre = autre(campagne, commande="etat-des-lieux", au=date(2025, 11, 30))
    passer(juin, {"etat_des_lieux/maire/juin.csv": "j1", "index.html": "i2"})
    passer(novembre, {"etat_des_lieux/maire/novembre.csv": "n1"})
    passer(campagne, {"bilan/maire/bilan_2025_maire.csv": "m2"})
    passer(juin, {"etat_des_lieux/maire/juin_bis.csv": "j2"})
    assert contenus(campagne) == {
        "bilan/maire/bilan_2025_maire.csv": "m2",
        "etat_des_lieux/maire/novembre.csv": "n1",
        "etat_des_lieux/maire/juin_bis.csv": "j2",
    }
    assert production_de(campagne, "bilan/maire/bilan_2025_maire.csv") == "bilan"
    assert production_de(campagne, "etat_des_lieux/maire/novembre.csv") == "etat-des-lieux 2025-11-30"
    assert len(lire_manifeste(campagne.sorties)["executions"]) == 3
    assert verifier(campagne.sorties) == []


def test_refaire_un_reservataire_garde_les_autres(campagne: Campagne) -> None:
    passer(campagne, BILAN)
    passer(
        autre(campagne, reservataires=("maire",)), {"bilan/maire/bilan_2025_maire.csv": "m2", "flux.duckdb.txt": "w2"}
    )
    assert contenus(campagne) == {
        "index.html": "i1",
        "flux.duckdb.txt": "w2",
        "bilan/maire/bilan_2025_maire.csv": "m2",
        "bilan/prefet/bilan_2025_prefet.csv": "p1",
    }
    executions = lire_manifeste(campagne.sorties)["executions"].values()
    assert sorted(execution["reservataires"] for execution in executions) == [[], ["maire"]]


def test_les_fichiers_de_l_analyste_restent(campagne: Campagne) -> None:
    passer(campagne, BILAN)
    (campagne.sorties / "bilan" / "maire" / "mes notes.txt").write_text("à moi")
    passer(campagne, {"index.html": "i2"})
    passer(campagne, {"index.html": "i3"})
    assert contenus(campagne) == {"index.html": "i3", "bilan/maire/mes notes.txt": "à moi"}
    assert [(a.gravite.value, a.code) for a in verifier(campagne.sorties)] == [("information", "sortie_inconnue")]


def test_le_journal_d_un_ancien_entrepot_ne_suit_pas_le_nouveau(campagne: Campagne) -> None:
    passer(campagne, {"flux.txt": "w1", "autre.txt": "x1"})
    (campagne.sorties / "flux.txt.wal").write_text("journal de l'ancien")
    passer(autre(campagne, commande="etat-des-lieux"), {"edl.csv": "e1"})
    assert "flux.txt.wal" in contenus(campagne)
    passer(campagne, {"flux.txt": "w2"})
    assert contenus(campagne) == {
        "flux.txt": "w2",
        "edl.csv": "e1",
        "modifies_a_la_main/flux.txt": "w1",
        "modifies_a_la_main/flux.txt.wal": "journal de l'ancien",
    }


def test_une_reprise_sur_un_disque_sans_liens_copie(campagne: Campagne, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuser(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    passer(campagne, BILAN)
    monkeypatch.setattr("os.link", refuser)
    passer(autre(campagne, commande="etat-des-lieux"), {"edl.csv": "e1"})
    assert contenus(campagne) == BILAN | {"edl.csv": "e1"}
    assert verifier(campagne.sorties) == []


def test_ce_qui_est_cache_dans_le_chantier_n_est_pas_publie(campagne: Campagne) -> None:
    passer(campagne, {".travail/lignes.parquet": "secret", ".brouillon": "x", "index.html": "i1"})
    assert contenus(campagne) == {"index.html": "i1"}


def test_tout_est_sur_le_disque_avant_de_prendre_le_nom_des_sorties(
    campagne: Campagne, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecrits: set[int] = set()
    au_moment_du_nom: list[set[int]] = []
    renommer = Path.rename

    def noter(source: Path, cible: Path) -> Path:
        au_moment_du_nom.append(set(ecrits))
        return renommer(source, cible)

    monkeypatch.setattr("os.fsync", lambda descripteur: ecrits.add(os.fstat(descripteur).st_ino))
    monkeypatch.setattr(Path, "rename", noter)
    passer(campagne, BILAN)
    publies = {p.stat().st_ino for p in (campagne.sorties, *campagne.sorties.rglob("*"))}
    assert len(publies) == len(BILAN) + 5
    assert publies <= au_moment_du_nom[0]


def test_un_dossier_deja_rempli_par_quelqu_un_n_est_pas_remplace(campagne: Campagne) -> None:
    campagne.sorties.mkdir(parents=True)
    (campagne.sorties / "these.docx").write_text("trois ans de travail")
    with pytest.raises(ArretBloquant) as arret, chantier(campagne):
        pass
    assert [a.code for a in arret.value.anomalies] == ["sorties_etrangeres"]
    assert (campagne.sorties / "these.docx").read_text() == "trois ans de travail"


@pytest.mark.parametrize(
    "manifeste", ["{", "[]", '{"sorties": 1}', '{"execution":"","executions":{},"sorties":{"a":1}}']
)
def test_un_manifeste_abime_arrete_avant_tout_travail(campagne: Campagne, manifeste: str) -> None:
    passer(campagne, BILAN)
    (campagne.sorties / "manifeste.json").write_text(manifeste)
    with pytest.raises(ArretBloquant) as arret, chantier(campagne):
        pass
    assert [a.code for a in arret.value.anomalies] == ["manifeste_illisible"]
    assert [a.code for a in verifier(campagne.sorties)] == ["manifeste_illisible"]


@pytest.mark.parametrize("entrees", ["out/2025", "out/2025/in"])
def test_les_sorties_ne_recouvrent_pas_les_entrees(tmp_path: Path, entrees: str) -> None:
    (tmp_path / entrees).mkdir(parents=True)
    (tmp_path / entrees / "rpls_2025.csv").write_text("a")
    with pytest.raises(ArretBloquant) as arret, chantier(Campagne(2025, tmp_path / entrees, tmp_path / "out" / "2025")):
        pass
    assert [a.code for a in arret.value.anomalies] == ["sorties_sur_entrees"]
    assert (tmp_path / entrees / "rpls_2025.csv").exists()


def test_un_lien_vers_le_dossier_de_sortie_reste_un_lien(campagne: Campagne, tmp_path: Path) -> None:
    (tmp_path / "partage").mkdir()
    campagne.sorties.parent.mkdir()
    campagne.sorties.symlink_to(tmp_path / "partage")
    passer(campagne, BILAN)
    passer(campagne, BILAN)
    assert campagne.sorties.is_symlink() and contenus(campagne) == BILAN
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out", "partage"]


def test_retablir_ramene_ce_qu_une_coupure_a_laisse_de_cote(campagne: Campagne) -> None:
    passer(campagne, BILAN)
    campagne.sorties.rename(campagne.sorties.with_name(".2025.precedent"))
    retablir(campagne.sorties)
    assert contenus(campagne) == BILAN
    assert [p.name for p in campagne.sorties.parent.iterdir()] == ["2025"]


def test_retablir_laisse_faire_une_execution_vivante(campagne: Campagne) -> None:
    passer(campagne, BILAN)
    with chantier(campagne):
        campagne.sorties.rename(campagne.sorties.with_name(".2025.precedent"))
        retablir(campagne.sorties)
        assert not campagne.sorties.exists()
