"""What goes to Action Logement and what does not, on a campaign to be checked by eye, through the real command."""

import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet, MultiFernet

from flows import echange_als
from flows.chemins import GABARITS, reglages
from flows.depot.extraction import extraire
from flows.personnes import classeur_dcp, coffre, dcp
from flows.personnes.classeur_dcp import Contenu
from flows.publication.manifeste import verifier
from flows.publication.registre import verifier_registre
from tests.commande import gestion_flux, lire_csv
from tests.confidentialite.campagne import deposer

CLE = Fernet.generate_key().decode()

PROPOSITIONS = """
    id_proposition;ident_rep;code_reservataire;date_mise_a_disposition;issue
    P1;0000000002;VILLE;10/01/2025;restitution
    P2;0000000003;ETAT;10/01/2025;carence
    P3;0000000004;VILLE;10/01/2025;candidats
"""
# code;proposition;logement;CALEOL;bail;désignataire;NUD;secteur;effectif;consentement → attendu
CAS = """
    A01;          ;1;     ;15/01/2025;20/01/2025;bailleur;    oui;privé non agricole;11 ;oui → DCP1 DCP2
    A02;          ;7;     ;15/01/2025;20/01/2025;bailleur;    oui;agricole          ;51 ;non → DCP1
    A03;          ;8;     ;15/01/2025;20/01/2025;bailleur;    oui;privé non agricole;10 ;oui → trop petit
    A04;          ;1;     ;15/03/2025;20/03/2025;bailleur;    oui;agricole          ;50 ;oui → trop petit
    A05;P2        ;3;     ;29/02/2024;20/01/2025;bailleur;    oui;privé non agricole;200;oui → DCP1 DCP2
    A06;P2        ;3;ETAT ;15/04/2025;20/04/2025;bailleur;    oui;privé non agricole;200;oui → déjà décomptée
    A07;          ;2;     ;15/01/2025;20/01/2025;bailleur;    oui;privé non agricole;200;oui → déjà décomptée
    A08;P3        ;4;VILLE;15/01/2025;20/01/2025;bailleur;    oui;privé non agricole;200;oui → ne l'a pas rendu
    A09;          ;5;     ;15/01/2025;20/01/2025;bailleur;    oui;privé non agricole;200;oui → hors du territoire
    A10;          ;1;     ;15/05/2025;          ;bailleur;    oui;privé non agricole;200;oui → aucun bail
    A11;          ;1;     ;15/05/2025;20/05/2025;reservataire;oui;privé non agricole;200;oui → désigné par
    A12;          ;8;     ;15/12/2025;02/01/2026;bailleur;    oui;privé non agricole;200;oui → hors de l'exercice
    A13;          ;8;     ;15/06/2025;20/06/2025;bailleur;    oui;public            ;200;oui → hors du champ
    A14;          ;8;     ;15/07/2025;20/07/2025;bailleur;    oui;                  ;200;oui → secteur
    A15;          ;8;     ;15/08/2025;20/08/2025;bailleur;    oui;agricole          ;   ;oui → effectif
    A16;          ;8;     ;15/09/2025;20/09/2025;bailleur;       ;agricole          ;90 ;oui → NUD
    A17;          ;7;ALS  ;15/10/2025;20/10/2025;bailleur;    oui;privé non agricole;12 ;    → DCP1
"""
ENTETE = (
    "id_decision;id_proposition;ident_rep;code_reservataire;date_caleol;date_signature_bail;designataire;nud;"
    "secteur_employeur;effectif_employeur;consentement_entreprise;decision;categorie;nom;prenom;date_naissance;mail;"
    "qualite;siret_employeur;raison_sociale;dalo;prioritaire"
)


def attributions() -> str:
    lignes = [ENTETE]
    for cas in CAS.strip().splitlines():
        cellules = [cellule.strip() for cellule in cas.partition("→")[0].split(";")]
        numero = cellules[0]
        cellules[2] = f"000000000{cellules[2]}"
        cellules[7] = f"NUD-SECRET-{numero}" if cellules[7] else ""
        personne = f"NOM{numero};PRENOM{numero};13/07/1985;{numero.lower()}@exemple.invalid;salarié"
        dalo = "oui;oui" if numero == "A01" else "non;oui" if numero == "A02" else "non;non"
        lignes.append(";".join(cellules) + f";attribution;droit_commun;{personne};99900011000018;ENTREPRISE;{dalo}")
    refuse = ";".join("X99;;0000000001;;15/01/2025;;bailleur;NUD-SECRET-X99;;;".split(";"))
    return "\n".join([*lignes, f"{refuse};non_attribution;droit_commun;NOMX99;;;;;;;;"])


def ouvrir(fichier: Path) -> Contenu:
    return classeur_dcp.lire(Fernet(CLE).decrypt(fichier.read_bytes()))


def par_nud(contenu: Contenu) -> dict[str, dict[str, object]]:
    lignes = [dict(zip(contenu.entetes, ligne, strict=True)) for ligne in contenu.lignes]
    return {str(ligne["NUD"]).removeprefix("NUD-SECRET-"): ligne for ligne in lignes}


@pytest.fixture(scope="module")
def echange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the command has published, its key still in the environment of the test."""
    racine = tmp_path_factory.mktemp("dcp")
    entrees = deposer(racine / "in", attributions=attributions(), propositions=PROPOSITIONS)
    os.environ[coffre.VARIABLE] = CLE
    gestion_flux("dcp", 2025, "--entrees", entrees, "--sorties", racine / "out" / "2025-dcp")
    del os.environ[coffre.VARIABLE]
    return racine / "out" / "2025-dcp"


def test_qui_est_transmis(echange: Path) -> None:
    assert sorted(p.name for p in echange.glob("*.chiffre")) == [
        "dcp1_2025_ALS.xlsx.chiffre",
        "dcp2_2025_ALS.xlsx.chiffre",
    ]
    for nom in ("DCP1", "DCP2"):
        attendus = {cas.split(";")[0].strip() for cas in CAS.strip().splitlines() if nom in cas}
        assert set(par_nud(ouvrir(echange / f"{nom.lower()}_2025_ALS.xlsx.chiffre"))) == attendus


def test_chaque_attribution_ecartee_dit_pourquoi(echange: Path) -> None:
    dites = {
        a["valeur"]: a for a in lire_csv(echange / "controles" / "controles_2025.csv") if a["code"] == "dcp_ecartee"
    }
    attendus = {}
    for cas in CAS.strip().splitlines():
        cellules, _, attendu = cas.partition("→")
        if "DCP1" not in attendu:
            attendus[cellules.split(";")[0].strip()] = attendu.strip()
    assert set(dites) == set(attendus)
    for decision, motif in attendus.items():
        assert motif in dites[decision]["message"], (decision, dites[decision]["message"])
        assert dites[decision]["fichier"] == "attributions.csv"


def test_seulement_les_colonnes_de_la_convention(echange: Path) -> None:
    dcp1, dcp2 = (ouvrir(echange / f"{nom}_2025_ALS.xlsx.chiffre") for nom in ("dcp1", "dcp2"))
    assert dcp2.entetes == (
        *("NUD", "Nom", "Prénom", "Date de naissance", "Qualité", "SIRET de l'entreprise"),
        *("Raison sociale de l'entreprise", "Date de signature du bail", "À détruire le"),
    )
    assert par_nud(dcp1)["A01"] == {
        "NUD": "NUD-SECRET-A01",
        "Nom": "NOMA01",
        "Prénom": "PRENOMA01",
        "Date de naissance": date(1985, 7, 13),
        "Adresse mail": "a01@exemple.invalid",
        "Qualité": "salarié",
        "DALO ou public prioritaire": "DALO",
        "SIRET de l'entreprise": "99900011000018",
        "Raison sociale de l'entreprise": "ENTREPRISE",
        "Date de signature du bail": date(2025, 1, 20),
        "Adresse": "12 RUE DES FLEURS, 67000 STRASBOURG",
        "Numéro RPLS": "0000000001",
        "Norme": "PLAI",
        "Réservataire si droit de suite": None,
        "Désignataire": None,
        "Logement en QPV": "oui",
        "À détruire le": date(2030, 1, 15),
    }
    assert par_nud(dcp1)["A02"]["DALO ou public prioritaire"] == "Public prioritaire"
    assert par_nud(dcp1)["A05"]["Norme"] == "PLS"
    # five and three years from the attribution, 29 February 2024 included
    assert par_nud(dcp1)["A05"]["À détruire le"] == date(2029, 2, 28)
    assert par_nud(dcp2)["A05"]["À détruire le"] == date(2027, 2, 28)


def test_publie_comme_le_reste_et_rien_en_clair(echange: Path) -> None:
    assert verifier(echange) == []
    assert verifier_registre(echange.parent / "registre.jsonl") == []
    for chemin in echange.parent.rglob("*"):
        if chemin.is_file():
            octets = chemin.read_bytes()
            for secret in (b"NUD-SECRET", b"NOMA01", b"a01@exemple", CLE.encode()):
                assert secret not in octets, chemin.name
    if os.name == "posix":
        assert all(p.stat().st_mode & 0o077 == 0 for p in echange.glob("*.chiffre"))


def test_ouvrir_rend_le_classeur_et_l_inscrit(echange: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(coffre.VARIABLE, f"{Fernet.generate_key().decode()},{CLE}")  # the key was changed since
    fichier, clair = echange / "dcp1_2025_ALS.xlsx.chiffre", tmp_path / "clair.xlsx"
    gestion_flux("ouvrir", fichier, "--vers", clair)
    assert classeur_dcp.lire(clair.read_bytes()) == ouvrir(fichier)
    assert '"evenement": "ouverture"' in (echange.parent / "registre.jsonl").read_text(encoding="utf-8")
    gestion_flux("ouvrir", fichier, "--vers", clair, attendu=2)
    monkeypatch.setenv(coffre.VARIABLE, Fernet.generate_key().decode())
    fin = gestion_flux("ouvrir", fichier, "--vers", tmp_path / "autre.xlsx", attendu=1)
    assert "n'a pas été chiffré avec cette clé" in fin.stderr
    assert not (tmp_path / "autre.xlsx").exists()


@pytest.mark.parametrize("cle", ["", "trop-courte"])
def test_sans_cle_rien_n_est_lu_ni_ecrit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cle: str) -> None:
    monkeypatch.setenv(coffre.VARIABLE, cle)
    entrees = deposer(tmp_path / "in", attributions=attributions())
    fin = gestion_flux("dcp", 2025, "--entrees", entrees, "--sorties", tmp_path / "out" / "x", attendu=2)
    assert "gestion-flux cle" in fin.stderr
    assert "trop-courte" not in fin.stderr
    assert not (tmp_path / "out").exists()


def test_la_cle_proposee_sert(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(coffre.VARIABLE, gestion_flux("cle").stdout.strip())
    cle = coffre.prendre_cle()
    assert cle.decrypt(cle.encrypt(b"x")) == b"x"
    assert coffre.VARIABLE not in os.environ  # no child process inherits it


def test_le_processus_qui_lit_les_classeurs_n_a_pas_la_cle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(coffre.VARIABLE, CLE)
    environnements = []
    veritable = subprocess.Popen

    def noter(*arguments: Any, **options: Any) -> subprocess.Popen[str]:
        environnements.append(options["env"])
        return veritable(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", noter)
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04")
    extraire([("x.xlsx", tmp_path / "x.xlsx")], tmp_path / "travail")
    assert len(environnements) == 1
    assert CLE not in environnements[0].values()


def test_jamais_avec_les_bilans(echange: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entrees = echange.parents[1] / "in"
    fin = gestion_flux("bilan", 2025, "--entrees", entrees, "--sorties", echange, attendu=1)
    assert "les deux vont à part" in fin.stderr
    fin = gestion_flux("bilan", 2025, "--entrees", entrees, "--sorties", echange / "bilans", attendu=1)
    assert "les deux vont à part" in fin.stderr
    gestion_flux("bilan", 2025, "--entrees", entrees, "--sorties", tmp_path / "2025")
    monkeypatch.setenv(coffre.VARIABLE, CLE)
    fin = gestion_flux("dcp", 2025, "--entrees", entrees, "--sorties", tmp_path / "2025", attendu=1)
    assert "contient des bilans" in fin.stderr
    assert not list(tmp_path.rglob("*.chiffre"))


def test_sans_attributions_ou_sans_action_logement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(coffre.VARIABLE, CLE)
    fin = gestion_flux("dcp", 2025, "--entrees", deposer(tmp_path / "a"), "--sorties", tmp_path / "o1", attendu=1)
    assert "la table attributions n'est pas fournie" in fin.stderr
    conventions = """
        code_reservataire;libelle;type_reservataire;echelle;mode_taux;taux_pct;base_rotation;evenement_decompte
        ETAT;État;etat_prioritaires;bailleur;imprime;30;liberations_bailleur;bail
    """
    entrees = deposer(tmp_path / "b", attributions=attributions(), reservataires=conventions)
    fin = gestion_flux("dcp", 2025, "--entrees", entrees, "--sorties", tmp_path / "o2", attendu=1)
    assert "aucun réservataire n'est de type action_logement" in fin.stderr


@pytest.mark.parametrize(
    ("secteur", "effectif", "motif"),
    [
        ("prive_non_agricole", "11", ""),
        ("prive_non_agricole", "10", "effectif_insuffisant"),
        ("agricole", "51", ""),
        ("agricole", "50", "effectif_insuffisant"),
        ("public", "500", "secteur_public"),
        (None, "500", "secteur_absent"),
        ("agricole", None, "effectif_absent"),
    ],
)
def test_le_champ_d_action_logement(secteur: str | None, effectif: str | None, motif: str) -> None:
    assert dcp.employeur_ecarte(secteur, effectif) == motif


def purger(sorties: Path, jour: date) -> None:
    """A purge on its day, which has not come yet: the clock of this process is put forward."""
    with time_machine.travel(datetime(jour.year, jour.month, jour.day, 12, tzinfo=UTC)):
        echange_als.purger(sorties, jour, MultiFernet([Fernet(CLE)]))


def test_ce_qui_est_purge_n_est_pas_refait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inputs still hold the people: the last purge of the register keeps them out, three years then five."""
    monkeypatch.setenv(coffre.VARIABLE, CLE)
    entrees = deposer(tmp_path / "in", attributions=attributions(), propositions=PROPOSITIONS)
    sorties = tmp_path / "out" / "2025-dcp"

    def transmettre() -> tuple[set[str], set[str]]:
        gestion_flux("dcp", 2025, "--entrees", entrees, "--sorties", sorties)
        un, deux = (set(par_nud(ouvrir(sorties / f"dcp{n}_2025_ALS.xlsx.chiffre"))) for n in (1, 2))
        return un, deux

    assert transmettre() == ({"A01", "A02", "A05", "A17"}, {"A01", "A05"})
    purger(sorties, date(2028, 1, 15))
    assert transmettre() == ({"A01", "A02", "A05", "A17"}, set())
    purger(sorties, date(2030, 1, 15))
    assert transmettre() == ({"A17"}, set())
    dites = lire_csv(sorties / "controles" / "controles_2025.csv")
    echues = {a["valeur"] for a in dites if "dernière purge" in a["message"]}
    assert echues == {"A01", "A02", "A05"}
    assert len(list((sorties / "certificats").iterdir())) == 2


def test_les_reglages_du_bailleur_passent_par_dessus_ceux_du_produit(tmp_path: Path) -> None:
    """`reglages/dcp.toml` changes what it says and leaves the rest of the product's."""
    dossier = tmp_path / "templates"
    dossier.mkdir()
    (dossier / "dcp.toml").write_bytes((GABARITS / "dcp.toml").read_bytes())
    propres = reglages(dossier)
    propres.mkdir(parents=True)
    nom = next(iter(dcp.lire_gabarits()))
    (propres / "dcp.toml").write_text(f"[{nom}]\nduree_annees = 4\n", encoding="utf-8")
    lus = dcp.lire_gabarits(dossier)
    assert lus[nom]["duree_annees"] == 4
    assert {**lus[nom], "duree_annees": dcp.lire_gabarits()[nom]["duree_annees"]} == dcp.lire_gabarits()[nom]
