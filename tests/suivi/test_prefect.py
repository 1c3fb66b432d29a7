"""Under a real Prefect server: scheduled, followed, refused, abandoned by it, killed; the same bytes published."""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from tests.commande import RACINE, empreintes, gestion_flux
from tests.pannes.campagne_saine import ANNEE, deposer
from tests.suivi.conftest import Serveur

ETAPES = {"Réception des fichiers", "Calcul", "Contrôles", "Classeurs, pages, CSV et annexes", "Publication"}
SERVIR = """
import sys
from pathlib import Path
from prefect.schedules import Cron
from flows.deploiements import bilan
bilan.serve(name="chaque-minute", schedule=Cron("* * * * *", timezone="Europe/Paris"),
            parameters={"annee": int(sys.argv[1]), "entrees": sys.argv[2], "sorties": sys.argv[3], "bailleur": "Essai"})
"""


@pytest.fixture(scope="module")
def directe(tmp_path_factory: pytest.TempPathFactory, saine_publiee: Path) -> tuple[Path, dict[str, str]]:
    """The inputs, and what a quick run publishes of them."""
    return deposer(tmp_path_factory.mktemp("directe") / "in"), empreintes(saine_publiee)


def attendre(vrai: Any, limite_s: float, quoi: str) -> Any:
    """What `vrai` gives once it is true."""
    limite = time.monotonic() + limite_s
    while not (obtenu := vrai()):
        assert time.monotonic() < limite, quoi
        time.sleep(0.3)
    return obtenu


def test_un_cron_se_declenche_et_publie_les_memes_octets(
    directe: tuple[Path, dict[str, str]], serveur_prefect: Serveur, tmp_path: Path
) -> None:
    """A schedule served on a real server: planned by it, then run, then published; with tasks, names and artifacts."""
    entrees, attendues = directe
    sorties = tmp_path / "2025"
    service = subprocess.Popen(
        [sys.executable, "-c", SERVIR, str(ANNEE), str(entrees), str(sorties)],
        cwd=RACINE,
        env=serveur_prefect.environnement,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def executions() -> Any:
        return serveur_prefect.demander(
            "/flow_runs/filter", {"deployments": {"name": {"any_": ["chaque-minute"]}}, "sort": "START_TIME_ASC"}
        )

    try:
        prevues = attendre(lambda: [x for x in executions() if x["auto_scheduled"]], 60, "nothing was ever scheduled")
        assert {x["state_type"] for x in prevues} <= {"SCHEDULED", "PENDING", "RUNNING", "COMPLETED"}
        faite = attendre(
            lambda: next((x for x in executions() if x["state_type"] in ("COMPLETED", "FAILED", "CRASHED")), None),
            120,
            "the schedule never fired",
        )
    finally:
        service.send_signal(signal.SIGINT)
        service.wait(timeout=60)
    assert faite["state_type"] == "COMPLETED", faite["state"]
    assert faite["auto_scheduled"] and faite["name"] == f"bilan {ANNEE}, Essai"
    assert faite["state"]["message"].startswith(f"Publié dans {sorties} : ")
    assert empreintes(sorties) == attendues

    def taches() -> Any:
        lues = serveur_prefect.demander("/task_runs/filter", {"flow_runs": {"id": {"any_": [faite["id"]]}}})
        return {t["name"] for t in lues if t["state_type"] == "COMPLETED"}

    assert attendre(lambda: taches() >= ETAPES and taches(), 20, "tasks are missing")
    artefacts = serveur_prefect.demander("/artifacts/filter", {"flow_runs": {"id": {"any_": [faite["id"]]}}})
    par_cle = {a["key"]: a for a in artefacts}
    fin = f"bilan-{ANNEE}"
    assert set(par_cle) == {f"{x}-{fin}" for x in ("anomalies", "anomalies-par-code", "comptage-lignes", "livrables")}
    assert (sorties / "index.html").as_uri() in par_cle[f"livrables-{fin}"]["data"]


def test_un_refus_dit_sa_phrase_et_ecrit_ses_fichiers(
    directe: tuple[Path, dict[str, str]], serveur_prefect: Serveur, tmp_path: Path
) -> None:
    """The state says why, in French; the anomalies are where the command writes them; what was published is intact."""
    entrees, sorties = deposer(tmp_path / "in"), tmp_path / "2025"
    libelles = entrees / "reservataires.csv"
    libelles.write_bytes(libelles.read_bytes().replace(b"10,25", b"dix"))
    options = ("--entrees", entrees, "--sorties", sorties)
    direct = gestion_flux("bilan", ANNEE, *options, attendu=1)
    controles = (sorties / "controles" / f"controles_{ANNEE}.csv").read_bytes()
    suivi = gestion_flux("bilan", ANNEE, *options, "--suivi", attendu=1, env=serveur_prefect.environnement)
    bloquants = [ligne for ligne in direct.stderr.splitlines() if ligne.startswith("BLOQUANT")]
    assert bloquants and set(bloquants) <= set(suivi.stderr.splitlines())
    assert "Traceback" not in suivi.stderr and "prefect" not in suivi.stderr
    refus = sorties.with_name(f"{sorties.name}-a-corriger") / "controles" / f"controles_{ANNEE}.csv"
    assert refus.read_bytes() == controles
    (execution,) = [
        x
        for x in serveur_prefect.demander("/flow_runs/filter", {"sort": "START_TIME_DESC"})
        if x["parameters"].get("sorties") == str(sorties)
    ]
    assert execution["state_type"] == "FAILED"
    assert execution["state"]["message"].startswith(f"Arrêt : {bloquants[0]}")
    assert str(refus) in execution["state"]["message"]
    assert {"gestion-flux", str(ANNEE)} <= set(execution["tags"])


@contextmanager
def relais(adresse: str) -> Iterator[tuple[str, threading.Event]]:
    """A way to the server that can be cut: its address, and the event that cuts it."""
    port = int(adresse.split(":")[2].split("/")[0])
    coupe = threading.Event()
    ouvertes: list[socket.socket] = []
    ecoute = socket.create_server(("127.0.0.1", 0))

    def verser(de: socket.socket, vers: socket.socket) -> None:
        with suppress(OSError):
            while octets := de.recv(65536):
                vers.sendall(octets)
        for prise in (de, vers):
            prise.close()

    def accepter() -> None:
        with suppress(OSError):
            while True:
                client, _ = ecoute.accept()
                serveur = socket.create_connection(("127.0.0.1", port))
                ouvertes.extend((client, serveur))
                for paire in ((client, serveur), (serveur, client)):
                    threading.Thread(target=verser, args=paire, daemon=True).start()

    def couper() -> None:
        coupe.wait()
        for prise in (ecoute, *ouvertes):
            with suppress(OSError):
                prise.shutdown(socket.SHUT_RDWR)
            prise.close()

    for travail in (accepter, couper):
        threading.Thread(target=travail, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{ecoute.getsockname()[1]}/api", coupe
    finally:
        coupe.set()


def test_un_serveur_perdu_en_route_n_arrete_rien(
    directe: tuple[Path, dict[str, str]], serveur_prefect: Serveur, tmp_path: Path
) -> None:
    """The server goes while the run computes: it is said in French, the run ends, the same bytes are published."""
    entrees, attendues = directe
    sorties = tmp_path / "2025"
    with relais(serveur_prefect.adresse) as (adresse, coupe):
        execution = subprocess.Popen(
            [sys.executable, "-m", "flows", "bilan", str(ANNEE), "--suivi", "--entrees", entrees, "--sorties", sorties],
            cwd=RACINE,
            env=serveur_prefect.environnement | {"PREFECT_API_URL": adresse},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        lues: list[str] = []
        for ligne in execution.stderr or ():
            lues.append(ligne)
            if "Chargement de l'entrepôt" in ligne:
                coupe.set()
        assert execution.wait(timeout=120) == 0, "".join(lues)
    erreurs = "".join(lues)
    assert coupe.is_set()
    assert erreurs.count("Le serveur Prefect ne répond plus") == 1
    assert "Traceback" not in erreurs
    assert empreintes(sorties) == attendues


def test_sans_serveur_le_travail_se_fait(directe: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """The address that was declared answers nothing: said at once, and the run is a quick one."""
    entrees, attendues = directe
    sorties = tmp_path / "2025"
    env = os.environ | {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    fini = gestion_flux("bilan", ANNEE, "--entrees", entrees, "--sorties", sorties, "--suivi", env=env)
    assert "Le serveur Prefect http://127.0.0.1:9/api ne répond pas" in fini.stderr
    assert empreintes(sorties) == attendues


def enfants(racine: int) -> set[int]:
    """Every process that descends from this one."""
    parents = {}
    for dossier in Path("/proc").iterdir():
        if dossier.name.isdecimal():
            with suppress(OSError, IndexError, ValueError):
                parents[int(dossier.name)] = int((dossier / "stat").read_text().rpartition(")")[2].split()[1])
    trouves, nouveaux = set[int](), {racine}
    while nouveaux:
        nouveaux = {p for p, parent in parents.items() if parent in nouveaux} - trouves
        trouves |= nouveaux
    return trouves


def test_le_serveur_temporaire_ignore_la_cle_et_meurt_avec_l_execution(tmp_path: Path) -> None:
    """The run is killed (SIGKILL) as soon as its server is there: no child ever had the key, none is left."""
    cle = Fernet.generate_key().decode()
    env = os.environ | {"PREFECT_HOME": str(tmp_path / "prefect"), "GESTION_FLUX_CLE": cle}
    env.pop("PREFECT_API_URL", None)
    commande = ["bilan", str(ANNEE), "--entrees", str(tmp_path), "--sorties", str(tmp_path / "2025"), "--suivi"]
    execution = subprocess.Popen(
        [sys.executable, "-m", "flows", *commande], cwd=RACINE, env=env, stderr=subprocess.DEVNULL
    )
    try:
        nes = attendre(lambda: enfants(execution.pid), 60, "no server was started")
        for enfant in nes:
            assert cle.encode() not in Path(f"/proc/{enfant}/environ").read_bytes()
    finally:
        execution.kill()
        execution.wait()
    attendre(lambda: not any(Path(f"/proc/{enfant}/status").exists() for enfant in nes), 20, "the server lives on")


def test_une_execution_rapide_n_importe_pas_prefect(directe: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    code = (
        "import sys; from flows.commande.principale import main; "
        f"fin = main(['bilan', '{ANNEE}', '--entrees', r'{directe[0]}', '--sorties', r'{tmp_path / '2025'}']); "
        "assert not any(m.split('.')[0] in ('prefect', 'fastapi', 'sqlalchemy') for m in sys.modules); sys.exit(fin)"
    )
    fini = subprocess.run([sys.executable, "-c", code], cwd=RACINE, capture_output=True, text=True)
    assert fini.returncode == 0, fini.stderr


def test_les_flux_se_chargent_par_leur_adresse_et_parlent_francais() -> None:
    """What `prefect deploy` and the form of the interface read."""
    code = """
import json
from prefect.flows import load_flow_from_entrypoint
NOMS = "bilan point etat_des_lieux controle".split()
flots = [load_flow_from_entrypoint(f"flows/deploiements.py:{nom}") for nom in NOMS]
print(json.dumps([[f.name, f.description, f.parameters.model_dump()["properties"]] for f in flots]))
"""
    fini = subprocess.run([sys.executable, "-c", code], cwd=RACINE, capture_output=True, text=True, check=True)
    lus = json.loads(fini.stdout.splitlines()[-1])
    assert [nom for nom, *_ in lus] == ["Bilan", "Point", "État des lieux", "Contrôle"]
    bilan = lus[0][2]
    assert list(bilan) == "annee au reservataires public dossier entrees sorties bailleur".split()
    assert bilan["annee"]["title"] == "Exercice" and {"type": "integer"} in bilan["annee"]["anyOf"]
    assert {"type": "string", "format": "date"} in bilan["au"]["anyOf"]
    for nom, description, champs in lus:
        assert description and all(c["description"] and c["title"] and c["default"] is None for c in champs.values()), (
            nom
        )


def test_le_calendrier_de_la_loi_ne_tape_aucune_annee(tmp_path: Path) -> None:
    """Each schedule, at the hour of Paris, finds the exercice that it is due for."""
    from flows import deploiements

    prevus = {d.name: d for d in deploiements.deployer(tmp_path)}
    assert set(prevus) == {"etat-des-lieux-30-novembre", "als-31-janvier", "bilan-28-fevrier", "points-juin-septembre"}
    for deploiement in prevus.values():
        (regle,) = deploiement.schedules
        assert regle.schedule.timezone == "Europe/Paris"
        assert deploiement.parameters == {"dossier": str(tmp_path)}
        assert deploiement.entrypoint.startswith("flows.deploiements")
    assert deploiements.fin_de_trimestre(date(2026, 7, 1)) == date(2026, 6, 30)
    assert deploiements.fin_de_trimestre(date(2026, 6, 30)) == date(2025, 9, 30)
    assert deploiements.fin_de_trimestre(date(2026, 10, 1)) == date(2026, 9, 30)


@pytest.mark.parametrize("seuil", [1, 2, 1000, 1001])
def test_un_parametre_refuse_est_dit_comme_tel_et_les_bornes_sont_celles_de_la_commande(
    seuil: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bound that Prefect does not share with the command was told as a lost server."""
    from flows import deploiements, suivi
    from flows.bilan import CompteRendu
    from flows.campagne import Campagne
    from flows.commande.principale import _seuil

    try:
        permis = bool(_seuil(str(seuil)))
    except argparse.ArgumentTypeError:
        permis = False
    assert permis == (2 <= seuil <= 1000)
    rendu = CompteRendu(tmp_path, [], [], [], 0, [])
    monkeypatch.setattr(suivi, "mener", lambda *_: rendu)
    monkeypatch.setattr(type(deploiements.bilan), "__call__", lambda *_, **__: None)  # no server is asked
    campagne = Campagne(ANNEE, tmp_path, tmp_path / "2025", options=(("public", str(seuil)),))
    assert deploiements.lancer_ici(lambda _: rendu, campagne) is rendu
    dit = capsys.readouterr().err
    assert ("Prefect refuse un paramètre (public)" in dit) == (not permis) and "ne répond plus" not in dit


RATTRAPER = """
import sys
from datetime import date
from pathlib import Path
from flows import deploiements
print("|".join(deploiements.rattraper(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))))
"""


def test_au_demarrage_une_echeance_sans_publication_est_menee_une_fois(
    directe: tuple[Path, dict[str, str]], serveur_prefect: Serveur, tmp_path: Path
) -> None:
    """The service was stopped, cleanly or not, when the bilan was due: run at its next start, tracked, only once."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "raw" / str(ANNEE)).symlink_to(directe[0])

    def demarrer(jour: str) -> list[str]:
        commande = [sys.executable, "-c", RATTRAPER, str(tmp_path), jour]
        fin = subprocess.run(commande, cwd=RACINE, env=serveur_prefect.environnement, capture_output=True, text=True)
        assert fin.returncode == 0, fin.stderr
        return [commande for commande in fin.stdout.splitlines()[-1].split("|") if commande]

    assert demarrer(f"{ANNEE}-11-14") == [f"bilan {ANNEE} --au 30/09/{ANNEE}"]  # that of N-1 has no files here
    assert f"bilan {ANNEE}" in demarrer(f"{ANNEE + 1}-02-20")
    assert demarrer(f"{ANNEE + 1}-02-21") == []
    sorties = tmp_path / "data" / "out" / str(ANNEE)
    assert empreintes(sorties)["bilan/VILLE/bilan_2025_VILLE.csv"] == directe[1]["bilan/VILLE/bilan_2025_VILLE.csv"]
    faites = serveur_prefect.demander("/flow_runs/filter", {"sort": "START_TIME_DESC", "limit": 10})
    etats = {x["name"]: x["state_type"] for x in faites if x["parameters"].get("dossier") == str(tmp_path)}
    assert set(etats.values()) == {"COMPLETED"} and len(etats) == 3, etats


CONSOLIDER = """
import sys
from pathlib import Path
from flows.deploiements import consolider
print(consolider(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), return_state=True).message)
"""


def test_plusieurs_bailleurs_ont_chacun_leur_tache(serveur_prefect: Serveur, tmp_path: Path) -> None:
    """Three bailleurs, one of them broken: a task run each, with its own state; the other two are gathered."""
    for nom in ("Alpha", "Beta", "Casse"):
        deposer(tmp_path / "racine" / nom / str(ANNEE))
    (tmp_path / "racine" / "Casse" / str(ANNEE) / "reservataires.csv").write_text("code;x\nV;1\n", encoding="utf-8")
    commande = [sys.executable, "-c", CONSOLIDER, str(tmp_path / "racine"), str(tmp_path / "out"), str(ANNEE)]
    fin = subprocess.run(commande, cwd=RACINE, env=serveur_prefect.environnement, capture_output=True, text=True)
    assert fin.returncode == 0 and fin.stdout.splitlines()[-1].startswith("2 bailleurs sur 3"), fin.stderr
    assert "2 bailleurs sur 3" in (tmp_path / "out" / f"consolidation-{ANNEE}" / "index.html").read_text("utf-8")

    def etats() -> Any:
        lues = serveur_prefect.demander("/task_runs/filter", {"sort": "EXPECTED_START_TIME_DESC", "limit": 20})
        vus = {t["name"]: t for t in lues if t["name"] in ("Alpha", "Beta", "Casse") and t["state_type"] != "RUNNING"}
        return vus if len(vus) == 3 else None

    vus = attendre(etats, 20, "tasks are missing")
    assert {n: t["state_type"] for n, t in vus.items()} == {
        "Alpha": "COMPLETED",
        "Beta": "COMPLETED",
        "Casse": "FAILED",
    }
    assert vus["Casse"]["state"]["message"].startswith("Refusé. BLOQUANT")


def test_la_derniere_echeance_d_un_cron_est_trouvee() -> None:
    from flows.deploiements import derniere

    assert derniere("0 6 15 2 *", date(2026, 2, 14)) == date(2025, 2, 15)
    assert derniere("0 6 15 2 *", date(2026, 2, 15)) == date(2026, 2, 15)
    assert derniere("0 6 1 7,10 *", date(2026, 9, 30)) == date(2026, 7, 1)


def test_cinquante_mille_anomalies_ne_vont_pas_dans_prefect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """500 at most, the gravest, without the values read; the counts by code say the rest."""
    from flows import suivi
    from flows.anomalies import Anomalie, Gravite
    from flows.bilan import CompteRendu
    from flows.campagne import Campagne

    vues: dict[str, list[dict[str, str]]] = {}
    monkeypatch.setattr(suivi, "create_table_artifact", lambda table, key, description: vues.update({key: table}))
    monkeypatch.setattr(suivi, "create_markdown_artifact", lambda **_: None)
    anomalies = [
        Anomalie(Gravite.ERREUR, "valeur_illisible", "Ce n'est pas un nombre.", "Corrigez.", ligne=i, valeur="SECRET")
        for i in range(50_000)
    ]
    campagne = Campagne(2025, tmp_path, tmp_path / "2025")
    suivi._montrer(campagne, CompteRendu(campagne.sorties, anomalies, [], [], 0, []))
    assert len(vues["anomalies-bilan-2025"]) == 500
    assert "SECRET" not in str(vues)
    assert vues["anomalies-par-code-bilan-2025"] == [
        {"gravite": "erreur", "code": "valeur_illisible", "nombre": "50000"}
    ]


def test_un_dossier_absent_un_instant_est_relu() -> None:
    """A retry fires on what comes from outside, not on a blocking anomaly of the files."""
    from flows import suivi
    from flows.anomalies import Anomalie, ArretBloquant, Gravite

    essai = suivi._Essai(lambda: ([], [Anomalie(Gravite.BLOQUANT, "dossier_absent", "Absent.")]))
    assert essai.tenter().is_failed() and essai.passager
    assert essai.rendre()[1][0].code == "dossier_absent"

    def refuser() -> None:
        raise ArretBloquant([Anomalie(Gravite.BLOQUANT, "table_vide", "Vide.")])

    essai = suivi._Essai(refuser)
    assert essai.tenter().is_failed() and not essai.passager
    with pytest.raises(ArretBloquant):
        essai.rendre()
