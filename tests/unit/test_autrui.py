"""What others put in the outputs, or changed there, outlives the runs."""

import os
from dataclasses import replace as autre
from pathlib import Path

import pytest

from flows.anomalies import Anomalie, ArretBloquant, MauvaisUsage
from flows.campagne import Campagne
from flows.publication.manifeste import verifier
from flows.publication.parution import chantier, publier

BILAN = {"index.html": "i1", "bilan/maire/bilan.csv": "b1", "bilan/maire/annexe.docx": "a1"}


@pytest.fixture
def campagne(tmp_path: Path) -> Campagne:
    (tmp_path / "in").mkdir()
    return Campagne(2025, tmp_path / "in", tmp_path / "out" / "2025")


def passer(campagne: Campagne, **changes: str) -> list[Anomalie]:
    with chantier(campagne) as lieu:
        for nom, contenu in (BILAN | changes).items():
            (lieu / nom).parent.mkdir(parents=True, exist_ok=True)
            (lieu / nom).write_text(contenu)
        return publier(campagne, lieu, [], [])


def test_dossiers_vides_liens_et_droits_suivent(campagne: Campagne, tmp_path: Path) -> None:
    passer(campagne)
    sorties = campagne.sorties
    (tmp_path / "ailleurs").mkdir()
    (tmp_path / "ailleurs" / "note").write_text("loin")
    (sorties / "a venir" / "2027").mkdir(parents=True)
    (sorties / ".git").mkdir()
    (sorties / ".git" / "HEAD").write_text("ref")
    (sorties / "partage").symlink_to(tmp_path / "ailleurs")
    (sorties / "bilan" / "rien").symlink_to("nulle part")
    os.mkfifo(sorties / "tube")
    (sorties / "bilan" / "maire").chmod(0o2770)
    sorties.chmod(0o750)
    (sorties / "bilan" / "maire" / "bilan.csv").chmod(0o600)
    for _ in range(2):
        assert passer(campagne) == []
    assert (sorties / "a venir" / "2027").is_dir() and (sorties / ".git" / "HEAD").read_text() == "ref"
    assert (sorties / "partage").is_symlink() and (sorties / "partage" / "note").read_text() == "loin"
    assert (sorties / "bilan" / "rien").readlink() == Path("nulle part")
    assert (sorties / "tube").is_fifo()
    assert (sorties / "bilan" / "maire").stat().st_mode & 0o7777 == 0o2770
    assert sorties.stat().st_mode & 0o7777 == 0o750
    assert (sorties / "bilan" / "maire" / "bilan.csv").stat().st_mode & 0o777 == 0o600
    assert {a.gravite.value for a in verifier(sorties)} == {"information"}


@pytest.mark.parametrize(
    "masque, fichier, dossier", [(0o000, 0o640, 0o770), (0o022, 0o640, 0o750), (0o077, 0o600, 0o700)]
)
def test_rien_n_est_ouvert_aux_autres(campagne: Campagne, masque: int, fichier: int, dossier: int) -> None:
    avant = os.umask(masque)
    try:
        passer(campagne)
        assert os.umask(masque) == masque
    finally:
        os.umask(avant)
    publies = [campagne.sorties, *campagne.sorties.rglob("*")]
    assert {p.stat().st_mode & 0o777 for p in publies if p.is_file()} == {fichier}
    assert {p.stat().st_mode & 0o777 for p in publies if p.is_dir()} == {dossier}


def test_un_livrable_modifie_a_la_main_est_garde_a_part_et_dit(campagne: Campagne) -> None:
    passer(campagne)
    annexe = campagne.sorties / "bilan" / "maire" / "annexe.docx"
    gardes = campagne.sorties / "modifies_a_la_main" / "bilan" / "maire"
    for numero in (1, 2):
        annexe.write_text(f"signée {numero}")
        (dite,) = passer(campagne)
        assert (dite.code, dite.fichier) == ("livrable_modifie_garde", "bilan/maire/annexe.docx")
        assert annexe.read_text() == "a1"
    assert passer(campagne) == []
    assert {p.name: p.read_text() for p in gardes.iterdir()} == {
        "annexe.docx": "signée 1",
        "annexe (2).docx": "signée 2",
    }
    annexe.write_text("a2")
    assert passer(campagne, **{"bilan/maire/annexe.docx": "a2"}) == []
    assert sorted(p.name for p in gardes.iterdir()) == ["annexe (2).docx", "annexe.docx"]
    annexe.unlink()
    annexe.mkdir()  # a folder where a file of the same name was already kept aside
    (annexe / "note").write_text("dans un dossier")
    assert [dite.fichier for dite in passer(campagne)] == ["bilan/maire/annexe.docx/note"]
    assert annexe.read_text() == "a1"
    assert [p.read_text() for p in campagne.sorties.rglob("note")] == ["dans un dossier"]


def test_un_fichier_a_nous_ne_recouvre_pas_celui_d_un_autre(campagne: Campagne) -> None:
    passer(campagne)
    (campagne.sorties / "bilan" / "prefet").write_text("un fichier à la place d'un dossier")
    (campagne.sorties / "synthese.csv").write_text("à moi")
    assert len(passer(campagne, **{"bilan/prefet/bilan.csv": "p1", "synthese.csv": "s1"})) == 2
    gardes = campagne.sorties / "modifies_a_la_main"
    assert (gardes / "synthese.csv").read_text() == "à moi"
    assert (gardes / "bilan" / "prefet").read_text().startswith("un fichier")


def test_une_commande_de_donnees_personnelles_ne_garde_pas_de_copie(campagne: Campagne) -> None:
    dcp = autre(campagne, commande="dcp")
    passer(dcp)
    (campagne.sorties / "bilan" / "maire" / "annexe.docx").write_text("une personne")
    assert passer(dcp) == []
    assert not (campagne.sorties / "modifies_a_la_main").exists()


@pytest.mark.parametrize("nom", [".bashrc", ".git/HEAD", "vide/"])
def test_un_dossier_qui_n_a_que_des_fichiers_caches_n_est_pas_remplace(campagne: Campagne, nom: str) -> None:
    chemin = campagne.sorties / nom
    chemin.parent.mkdir(parents=True)
    chemin.mkdir() if nom.endswith("/") else chemin.write_text("à quelqu'un")
    with pytest.raises(ArretBloquant) as arret, chantier(campagne):
        pass
    assert [a.code for a in arret.value.anomalies] == ["sorties_etrangeres"]
    assert chemin.exists()


def test_la_racine_du_disque_n_est_pas_un_dossier_de_sortie(tmp_path: Path) -> None:
    with pytest.raises(MauvaisUsage, match="racine du disque"):
        Campagne(2025, tmp_path, Path("/"))
    # the system would not go up from a folder that is not there: what is published must be what is then read
    assert Campagne(2025, tmp_path, tmp_path / "absent" / ".." / "o").sorties == tmp_path.resolve() / "o"
