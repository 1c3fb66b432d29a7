"""The purge: what is due and nothing else, on the day and not before, proved by the bytes, certified, registered."""

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from flows.campagne import Campagne
from flows.personnes import classeur_dcp, coffre, preuve, purge
from flows.personnes.classeur_dcp import DESTRUCTION, Contenu
from flows.publication import parution
from flows.publication.manifeste import verifier
from flows.publication.registre import faits_publies, inscrire, verifier_registre
from tests.commande import RACINE, gestion_flux

ENTETES = ("NUD", "Nom", "Adresse mail", DESTRUCTION)


def personne(numero: int, echeance: date) -> classeur_dcp.Ligne:
    return (f"NUD-SECRET-{numero}", f"NOM-SECRET-{numero}", f"secret{numero}@exemple.invalid", echeance)


DCP1 = (personne(1, date(2022, 1, 15)), personne(2, date(2022, 1, 16)), personne(3, date(2023, 6, 1)))
DCP2 = (personne(1, date(2020, 1, 15)), personne(2, date(2020, 1, 16)))


def archive_protegee() -> bytes:
    """A zip whose only member says that it wants a password."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        archive.writestr("secret.txt", "fermé")
    octets = bytearray(tampon.getvalue())
    for signature, decalage in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        octets[octets.index(signature) + decalage] |= 1
    return bytes(octets)


@pytest.fixture
def publie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder published as `dcp` does, with two enciphered files; the key is in the environment."""
    texte = Fernet.generate_key().decode()
    monkeypatch.setenv(coffre.VARIABLE, texte)
    cle = coffre.prendre_cle()
    monkeypatch.setenv(coffre.VARIABLE, texte)
    sorties = tmp_path / "out" / "2025-dcp"
    campagne = Campagne(2025, tmp_path / "in", sorties, commande="dcp")
    with parution.chantier(campagne) as chantier:
        for nom, lignes in (("dcp1_2025_ALS", DCP1), ("dcp2_2025_ALS", DCP2)):
            octets = classeur_dcp.ecrire(Contenu(ENTETES, lignes, ("notice",)), date(2025, 12, 31))
            coffre.ecrire(octets, chantier / f"{nom}.xlsx.chiffre", cle)
        (chantier / "controles").mkdir()
        (chantier / "controles" / "controles_2025.csv").write_text("gravite;code\n", encoding="utf-8")
        parution.publier(campagne, chantier, [], [])
    inscrire(campagne, "publication", faits_publies(sorties))
    return sorties


def nuds(fichier: Path, cle: str) -> list[str]:
    contenu = classeur_dcp.lire(Fernet(cle).decrypt(fichier.read_bytes()))
    return [str(ligne[0]).removeprefix("NUD-SECRET-") for ligne in contenu.lignes]


def empreintes(racine: Path) -> dict[str, str]:
    return {
        str(p.relative_to(racine)): hashlib.sha256(p.read_bytes()).hexdigest() for p in racine.rglob("*") if p.is_file()
    }


def certificats(sorties: Path) -> list[str]:
    return [p.read_text(encoding="utf-8-sig") for p in sorted((sorties / "certificats").glob("*.txt"))]


@pytest.fixture
def cle(publie: Path) -> str:
    return os.environ[coffre.VARIABLE]


def test_a_blanc_dit_tout_et_ne_change_rien(publie: Path) -> None:
    avant = empreintes(publie.parent)
    fin = gestion_flux("purger", "--au", "2020-01-15", "--a-blanc", "--sorties", publie.parent)
    assert "dcp2_2025_ALS.xlsx.chiffre : 1\u00a0ligne échue, 1\u00a0gardée" in fin.stdout
    assert "dcp1" not in fin.stdout
    assert empreintes(publie.parent) == avant


def test_la_veille_rien_n_est_echu(publie: Path) -> None:
    avant = empreintes(publie.parent)
    fin = gestion_flux("purger", "--au", "14/01/2020", "--sorties", publie.parent)
    assert "Rien n'est échu" in fin.stdout
    assert empreintes(publie.parent) == avant


def test_trois_ans_puis_cinq_ans(publie: Path, cle: str) -> None:
    gestion_flux("purger", "--au", "15/01/2020", "--sorties", publie.parent)
    assert nuds(publie / "dcp2_2025_ALS.xlsx.chiffre", cle) == ["2"]
    assert nuds(publie / "dcp1_2025_ALS.xlsx.chiffre", cle) == ["1", "2", "3"]
    gestion_flux("purger", "--au", "31/12/2022", "--sorties", publie)
    assert not (publie / "dcp2_2025_ALS.xlsx.chiffre").exists()
    assert nuds(publie / "dcp1_2025_ALS.xlsx.chiffre", cle) == ["3"]
    assert (publie / "controles" / "controles_2025.csv").exists()
    assert len(certificats(publie)) == 2
    gestion_flux("purger", "--au", "31/12/2022", "--sorties", publie.parent)
    assert len(certificats(publie)) == 2  # nothing more was due: nothing to certify
    gestion_flux("purger", "--au", "01/06/2023", "--sorties", publie.parent)
    assert not list(publie.parent.rglob("*.chiffre"))
    assert verifier(publie) == []
    assert verifier_registre(publie.parent / "registre.jsonl") == []


def test_le_certificat_et_le_registre_sans_personne(publie: Path) -> None:
    avant = empreintes(publie)
    gestion_flux("purger", "--au", "16/01/2020", "--sorties", publie.parent)
    (certificat,) = certificats(publie)
    assert "lignes détruites : 2 (échéances du 15/01/2020 au 16/01/2020)" in certificat
    assert f"SHA-256 avant : {avant['dcp2_2025_ALS.xlsx.chiffre']}" in certificat
    assert "SHA-256 après : fichier supprimé" in certificat
    # both people are lawfully in DCP1 for two more years: what is certified is DCP2
    assert "aucun n'y est" in certificat
    ligne = json.loads((publie.parent / "registre.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (ligne["evenement"], ligne["lignes_detruites"]) == ("purge", {"dcp2_2025_ALS.xlsx.chiffre": 2})
    fichier = publie / "certificats" / "certificat_purge_2020-01-16.txt"
    assert ligne["certificat"] == hashlib.sha256(fichier.read_bytes()).hexdigest()
    for texte in (certificat, json.dumps(ligne)):
        assert "SECRET" not in texte
        assert "secret1@" not in texte


def test_une_copie_oubliee_en_clair_arrete_la_purge(publie: Path, cle: str) -> None:
    clair = Fernet(cle).decrypt((publie / "dcp2_2025_ALS.xlsx.chiffre").read_bytes())
    transmis = publie.parent / "transmis"
    transmis.mkdir()
    (transmis / "dcp2.xlsx").write_bytes(clair)
    with zipfile.ZipFile(transmis / "envoi.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dcp2.xlsx", clair)
    (transmis / "dcp2.csv.gz").write_bytes(gzip.compress(b"nud;nom\nNUD-SECRET-1;NOM"))
    avant = empreintes(publie)
    fin = gestion_flux("purger", "--au", "31/01/2020", "--sorties", publie.parent, attendu=1)
    for nom in ("dcp2.xlsx", "envoi.zip", "dcp2.csv.gz"):
        assert f"transmis/{nom} contient encore une personne" in fin.stderr
    assert empreintes(publie) == avant
    shutil.rmtree(transmis)
    gestion_flux("purger", "--au", "31/01/2020", "--sorties", publie.parent)
    assert len(certificats(publie)) == 1


def test_une_autre_cle_ne_detruit_rien(publie: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(coffre.VARIABLE, Fernet.generate_key().decode())
    avant = empreintes(publie.parent)
    gestion_flux("purger", "--au", "31/12/2024", "--sorties", publie.parent, attendu=1)
    assert empreintes(publie.parent) == avant


def test_les_octets_de_l_ancien_fichier_sont_recouverts(tmp_path: Path) -> None:
    fichier, lien = tmp_path / "ancien", tmp_path / "lien"
    fichier.write_bytes(b"SECRET" * 1000)
    lien.hardlink_to(fichier)  # another name of the same bytes, to look at them afterwards
    coffre.effacer(fichier)
    assert not fichier.exists()
    assert b"SECRET" not in lien.read_bytes()
    assert lien.stat().st_size == 6000


def test_une_purge_refuse_l_avenir(publie: Path) -> None:
    avant = empreintes(publie.parent)
    fin = gestion_flux("purger", "--au", "31/12/2099", "--sorties", publie.parent, attendu=2)
    assert "n'est pas passé" in fin.stderr
    fin = gestion_flux("purger", "--au", "01/01/32", "--sorties", publie.parent, attendu=2)
    assert "date attendue (jj/mm/aaaa" in fin.stderr
    fin = gestion_flux("purger", "--au", "01/01/0026", "--sorties", publie.parent, attendu=2)
    assert "date attendue (jj/mm/aaaa" in fin.stderr
    assert empreintes(publie.parent) == avant


def test_un_certificat_forge_ou_retire_ne_decide_de_rien(publie: Path) -> None:
    gestion_flux("purger", "--au", "16/01/2020", "--sorties", publie.parent)
    (publie / "certificats" / "certificat_purge_2025-01-01.txt").write_text("forgé", encoding="utf-8")
    jour, anomalies = purge.derniere(publie)
    assert jour == date(2020, 1, 16)
    assert [(a.code, a.fichier) for a in anomalies] == [("certificat_inconnu", "certificat_purge_2025-01-01.txt")]
    for certificat in (publie / "certificats").iterdir():
        certificat.unlink()
    jour, anomalies = purge.derniere(publie)
    assert jour == date(2020, 1, 16)
    assert [a.code for a in anomalies] == ["certificat_absent"]


def test_une_purge_coupee_compte_depuis_son_debut(publie: Path) -> None:
    """Killed once the files are gone, before the register has the end: `dcp` must not make the rows again."""
    code = (
        "import os, sys\nfrom flows.commande.principale import main\nfrom flows.personnes import purge\n"
        "purge.effacer = lambda *_: os.kill(os.getpid(), 9)\nmain(sys.argv[1:])"
    )
    arguments = ("purger", "--au", "16/01/2020", "--sorties", str(publie.parent))
    subprocess.run([sys.executable, "-c", code, *arguments], cwd=RACINE, check=False)
    assert not (publie / "dcp2_2025_ALS.xlsx.chiffre").exists()
    jour, anomalies = purge.derniere(publie)
    assert jour == date(2020, 1, 16)
    assert [a.code for a in anomalies] == ["certificat_inconnu"]


def test_un_fichier_etranger_ou_protege_n_arrete_pas_une_purge(publie: Path, cle: str) -> None:
    (publie / "voisin.xlsx.chiffre").write_bytes(Fernet(Fernet.generate_key()).encrypt(b"autre"))
    ailleurs = publie.parent / "depot"
    ailleurs.mkdir()
    (ailleurs / "note.chiffre").write_bytes(b"rien d'un jeton")
    (ailleurs / "protege.zip").write_bytes(archive_protegee())
    (ailleurs / "recu.eml").write_bytes(b"Content-Transfer-Encoding: base64\n\nTlVELVNFQ1JFVC0x\n")
    (ailleurs / "coupe.zip").write_bytes(b"PK\x03\x04" + bytes(200))
    with zipfile.ZipFile(ailleurs / "bombe.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(preuve.DEPLIE_MIN + 1))
    # under our key, but nothing of ours; and things that only have the name of a file
    (publie / "note.chiffre").write_bytes(Fernet(cle).encrypt(b"pas un classeur"))
    (publie / "dossier.chiffre").mkdir()
    os.mkfifo(publie / "tube.chiffre")
    gestion_flux("purger", "--au", "15/01/2020", "--sorties", publie.parent)
    assert nuds(publie / "dcp2_2025_ALS.xlsx.chiffre", cle) == ["2"]
    (certificat,) = certificats(publie)
    fermes = ("note.chiffre", "protege.zip", "recu.eml", "coupe.zip", "bombe.zip")
    for nom in (*(f"depot/{ferme}" for ferme in fermes), "2025-dcp/voisin.xlsx.chiffre", "2025-dcp/note.chiffre"):
        assert f"Non ouvert (protégé ou étranger), cherché tel quel : {nom}" in certificat
    assert (publie / "voisin.xlsx.chiffre").exists()


def test_ouvrir_inscrit_d_abord_et_ecrit_en_dernier(publie: Path, tmp_path: Path) -> None:
    copie, clair = tmp_path / "copie.xlsx.chiffre", tmp_path / "clair.xlsx"
    copie.write_bytes((publie / "dcp1_2025_ALS.xlsx.chiffre").read_bytes())
    gestion_flux("ouvrir", copie, "--vers", clair, attendu=2)
    dedans = gestion_flux(
        "ouvrir", publie / "dcp1_2025_ALS.xlsx.chiffre", "--vers", publie / "controles" / "clair.xlsx", attendu=2
    )
    assert "est un dossier publié" in dedans.stderr
    assert not clair.exists() and not list(publie.rglob("clair.xlsx"))
    registre = publie.parent / "registre.jsonl"
    garde, lignes = registre.with_suffix(".garde"), registre.read_bytes()
    registre.rename(garde)
    registre.mkdir()  # nothing can be written there
    fin = gestion_flux("ouvrir", publie / "dcp1_2025_ALS.xlsx.chiffre", "--vers", clair, attendu=1)
    assert "registre.jsonl n'est pas un fichier" in fin.stderr
    assert not clair.exists()
    fin = gestion_flux("purger", "--au", "16/01/2020", "--sorties", publie.parent, attendu=1)
    assert "registre.jsonl n'est pas un fichier" in fin.stderr
    assert len(list(publie.glob("*.chiffre"))) == 2  # nothing destroyed that nobody would know of
    registre.rmdir()
    garde.rename(registre)
    assert registre.read_bytes() == lignes
    gestion_flux("ouvrir", publie / "dcp1_2025_ALS.xlsx.chiffre", "--vers", clair)
    assert json.loads(registre.read_text(encoding="utf-8").splitlines()[-1])["evenement"] == "ouverture"
    assert clair.exists()
