"""The register: appended to and nothing else, and any line changed or taken out shows."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.anomalies import ArretBloquant
from flows.campagne import Campagne
from flows.publication import registre as module
from flows.publication.parution import chantier, publier
from flows.publication.registre import (
    chemin_registre,
    faits_publies,
    inscrire,
    verifier_inscription,
    verifier_registre,
)
from flows.publication.verrou import utilisateur, verrou


@pytest.fixture
def campagne(tmp_path: Path) -> Campagne:
    (tmp_path / "in").mkdir()
    return Campagne(2025, tmp_path / "in", tmp_path / "out" / "2025", options=(("seuil", "5"),))


def lignes(campagne: Campagne) -> list[bytes]:
    return chemin_registre(campagne.sorties).read_bytes().splitlines()


def codes(campagne: Campagne) -> list[tuple[str, str, int | None]]:
    return [(a.gravite.value, a.code, a.ligne) for a in verifier_registre(chemin_registre(campagne.sorties))]


def test_une_ligne_par_evenement_qui_dit_qui_quand_et_quoi(campagne: Campagne) -> None:
    inscrire(campagne, "publication", {"sorties": {"index.html": "00"}, "utilisateur": "usurpé"})
    inscrire(campagne, "echec", {"anomalies": 3})
    premiere, seconde = (json.loads(ligne) for ligne in lignes(campagne))
    assert premiere["utilisateur"] == utilisateur() != "usurpé"
    assert premiere["quand"].endswith("+00:00")
    assert (premiere["commande"], premiere["annee"], premiere["options"]) == ("bilan", 2025, {"seuil": "5"})
    assert (seconde["evenement"], seconde["anomalies"]) == ("echec", 3)
    assert codes(campagne) == []
    assert [p.name for p in campagne.sorties.parent.iterdir()] == ["registre.jsonl"]


def test_ce_qui_est_ecrit_n_est_jamais_reecrit(campagne: Campagne) -> None:
    avant = b""
    for numero in range(20):
        inscrire(campagne, "publication", {"texte": "é" * numero * 10_000})
        apres = chemin_registre(campagne.sorties).read_bytes()
        assert apres.startswith(avant) and len(apres) > len(avant)
        avant = apres
    assert codes(campagne) == []


@pytest.mark.parametrize("numero", range(4))
def test_une_ligne_changee_ou_retiree_se_voit(campagne: Campagne, numero: int) -> None:
    for rang in range(5):
        inscrire(campagne, "publication", {"rang": rang})
    intactes = lignes(campagne)
    for falsifiees in (
        [*intactes[:numero], intactes[numero].replace(b'"bilan"', b'"autre"'), *intactes[numero + 1 :]],
        [*intactes[:numero], *intactes[numero + 1 :]],
        [*intactes[:numero], intactes[numero + 1], intactes[numero], *intactes[numero + 2 :]],
    ):
        chemin_registre(campagne.sorties).write_bytes(b"\n".join(falsifiees) + b"\n")
        assert ("erreur", "registre_modifie") in {code[:2] for code in codes(campagne)}


def test_une_ligne_coupee_par_un_arret_brutal_n_empeche_pas_la_suite(campagne: Campagne) -> None:
    inscrire(campagne, "publication", {})
    complet = chemin_registre(campagne.sorties).read_bytes()
    for coupe in (1, len(complet) // 2, len(complet) - 2):
        chemin_registre(campagne.sorties).write_bytes(complet + complet[:coupe])
        inscrire(campagne, "publication", {})
        inscrire(campagne, "publication", {})
        assert codes(campagne) == [("avertissement", "registre_incomplet", 2)]
        assert [json.loads(ligne)["commande"] for ligne in lignes(campagne)[2:]] == ["bilan", "bilan"]


def test_une_ecriture_interrompue_par_le_disque_laisse_un_registre_utilisable(
    campagne: Campagne, monkeypatch: pytest.MonkeyPatch
) -> None:
    inscrire(campagne, "publication", {})
    with monkeypatch.context() as rapiece:
        rapiece.setattr(module.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            inscrire(campagne, "publication", {})
    inscrire(campagne, "publication", {})
    assert codes(campagne) == []


def test_des_inscriptions_simultanees_se_suivent(campagne: Campagne) -> None:
    programme = """
import sys
from pathlib import Path
from flows.campagne import Campagne
from flows.publication.registre import inscrire
for n in range(15):
    inscrire(Campagne(2025, Path("in"), Path(sys.argv[1])), "publication", {"n": n})
"""
    commande = [sys.executable, "-c", programme, os.fspath(campagne.sorties)]
    fins = [processus.wait(timeout=60) for processus in [subprocess.Popen(commande) for _ in range(4)]]
    assert fins == [0, 0, 0, 0]
    assert len(lignes(campagne)) == 60
    assert codes(campagne) == []


def test_un_registre_tenu_par_un_autre_est_dit(campagne: Campagne, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ATTENTE_MAX", 0.1)
    inscrire(campagne, "publication", {})
    with verrou(chemin_registre(campagne.sorties)), pytest.raises(ArretBloquant) as arret:
        inscrire(campagne, "publication", {})
    assert f"processus {os.getpid()}" in arret.value.anomalies[0].message


def test_un_manifeste_que_le_registre_ne_connait_pas_se_voit(campagne: Campagne) -> None:
    with chantier(campagne) as lieu:
        (lieu / "index.html").write_text("page")
        publier(campagne, lieu, [], [])
        inscrire(campagne, "publication", faits_publies(campagne.sorties))
    assert verifier_inscription(campagne.sorties) == []
    assert set(json.loads(lignes(campagne)[0])["sorties"]) == {"index.html"}
    manifeste = campagne.sorties / "manifeste.json"
    manifeste.write_bytes(manifeste.read_bytes().replace(b'"bilan"', b'"autre"'))
    assert [a.code for a in verifier_inscription(campagne.sorties)] == ["manifeste_non_inscrit"]
