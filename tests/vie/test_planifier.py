"""The calendar: read from the conventions, kept by the machine, warned of by a command or by a real mail server."""

import asyncio
import contextlib
import os
import re
import shlex
import shutil
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from flows.anomalies import MauvaisUsage
from flows.campagne import Campagne
from flows.publication import registre
from flows.vie import alertes, programmation
from tests.commande import gestion_flux
from tests.pannes.campagne_saine import ANNEE, deposer, reprendre
from tests.vie.campagnes import lire_json, publier


@pytest.fixture(scope="module")
def campagne(tmp_path_factory: pytest.TempPathFactory, saine_publiee: Path) -> tuple[Path, Path]:
    """Inputs and outputs, once the bilan of the year is published."""
    dossier = tmp_path_factory.mktemp("calendrier")
    return deposer(dossier / "in"), reprendre(saine_publiee, dossier / "out")


def planifier(campagne: tuple[Path, Path], jour: str, *options: object, attendu: int | None = 0) -> Any:
    """The real command, on a day that it is told."""
    entrees, sorties = campagne
    lieux = ("--annee", ANNEE, "--entrees", entrees, "--sorties", sorties, "--jour", jour)
    return gestion_flux("planifier", *lieux, *options, attendu=attendu)


def test_le_calendrier_lit_les_conventions_et_dit_ce_qui_manque(campagne: tuple[Path, Path]) -> None:
    dit = planifier(campagne, "01/06/2025").stdout
    lignes = {(x[2:12], x[14:43].strip()): x[43:] for x in dit.splitlines()[1:-1]}
    assert lignes["30/11/2025", "état des lieux"].split("J-182")[0].strip() == "ALS, ETAT, VILLE"
    assert f"publié le {date.today():%d/%m/%Y}" in lignes["28/02/2026", "bilan 2025"]
    assert lignes["31/01/2026", "part d'Action Logement"].startswith(" ALS ")
    for jour, objet in (
        ("15/07/2025", "semestre au préfet"),
        ("15/01/2026", "semestre au préfet"),
        ("31/03/2026", "bilan à la CIL"),
        ("28/02/2026", "relevé au préfet (à vérifier)"),
        ("31/12/2026", "désignations, public"),
    ):
        assert (jour, objet) in lignes
    assert "à faire : gestion-flux bilan 2025 --public" in lignes["31/12/2026", "désignations, public"]
    assert "MANQUÉE" in planifier(campagne, "01/12/2025", attendu=1).stdout


def test_un_seul_reservataire_refait_n_est_pas_la_campagne(tmp_path: Path) -> None:
    entrees, sorties = deposer(tmp_path / "in"), tmp_path / "out" / str(ANNEE)
    publier(entrees, sorties, "--reservataire", "VILLE")
    assert "publié le" not in planifier((entrees, sorties), "01/06/2025").stdout


# Recipes


def test_les_recettes_calculent_l_annee_et_ont_des_chemins_absolus(tmp_path: Path) -> None:
    dossier = tmp_path / "l'office à 100 %"
    dossier.mkdir()
    lignes = [x for x in programmation.recette("cron", dossier).splitlines() if not x.startswith("#")]
    assert len(lignes) == 6
    for ligne in lignes:
        quand, commande = ligne.split(" cd ", 1)
        assert len(quand.split()) == 5 and "202" not in commande.split(" -m flows ")[1]
    # cron turns \\% into %: what the shell then runs is in the folder, with the year of the day
    essai = lignes[2].split(" ", 5)[5].replace("\\%", "%").replace(" && ", " && pwd && echo ", 1)
    dit = subprocess.run(["/bin/sh", "-c", essai], capture_output=True, text=True, check=True).stdout.splitlines()
    assert dit[0] == str(dossier) and dit[1].endswith(f"-m flows bilan {date.today().year - 1}")
    windows = programmation.recette("windows", dossier)
    assert windows.count("-StartWhenAvailable") == 6 and str(dossier).replace("'", "''") in windows


def test_systemd_accepte_les_unites(tmp_path: Path) -> None:
    """What systemd itself says of them, where it is there; and what its shell would run."""
    unites = programmation._unites(tmp_path, ("--par", "mail -s 'à voir' x"))
    for nom, texte in unites.items():
        (tmp_path / nom).write_text(texte, encoding="utf-8")
    assert sum("Persistent=true" in texte for texte in unites.values()) == 6
    ordre = unites["gestion-flux-point-juin.service"].split('/bin/sh -c "exec ')[1].split('"')[0]
    essai = subprocess.run(
        ["/bin/sh", "-c", f"echo {ordre.replace('$$', '$').replace('%%', '%')}"], capture_output=True, text=True
    )
    assert essai.stdout.strip().endswith(f"-m flows bilan {date.today().year} --au 30/06/{date.today().year}")
    if analyse := shutil.which("systemd-analyze"):
        fin = subprocess.run([analyse, "verify", "--user", *map(str, tmp_path.glob("*.timer"))],
                             capture_output=True, text=True)  # fmt: skip
        assert "gestion-flux" not in fin.stderr, fin.stderr


HOSTILE = "prevenir '+%F' \"$HOME\" 100% {an} \\\\% l'été"


def test_la_commande_d_alerte_arrive_telle_quelle_a_qui_la_lance(tmp_path: Path) -> None:
    """cron cuts at a bare %, systemd expands % and $, PowerShell quotes in its own way: each is given what it wants."""
    temoin = "import sys; print(sys.argv[1:])"
    options = ("--par", HOSTILE, "--a", "flux@office.fr")
    voulu = str(["planifier", "--alerter", *options])

    def lancee(commande: str, python: str) -> str:
        essai = commande.replace(f"{python} -m flows", f"{python} -c {shlex.quote(temoin)}")
        return subprocess.run(["/bin/sh", "-c", essai], capture_output=True, text=True, check=True).stdout.strip()

    python = shlex.quote(sys.executable)
    cron = programmation.recette("cron", tmp_path, options).splitlines()[-2].split(" ", 5)[5]
    assert not re.search(r"(?<!\\)%", cron)
    assert lancee(cron.replace("\\%", "%"), python) == voulu
    ordre = programmation._unites(tmp_path, options)["gestion-flux-alertes.service"].split("ExecStart=")[1].strip()
    assert not re.search(r"(?<!%)%(?:%%)*(?!%)|(?<!\$)\$(?:\$\$)*(?!\$)", ordre)
    lu = ordre.replace("%%", "%").replace("$$", "$").removeprefix('/bin/sh -c "').removesuffix('"')
    assert lancee(re.sub(r"\\(.)", r"\1", lu), python) == voulu
    windows = programmation.recette("windows", tmp_path, options)
    assert "'prevenir ''+%F'' \\\"$HOME\\\" 100% {an} \\\\% l''été'" in windows
    with pytest.raises(MauvaisUsage, match="une ligne"):
        programmation.recette("cron", tmp_path, ("--par", "a\nb"))


@pytest.mark.parametrize("option", ["--entrees", "--sorties"])
def test_un_dossier_d_une_annee_ne_se_programme_pas(option: str, tmp_path: Path) -> None:
    fin = gestion_flux("planifier", "--cron", option, tmp_path, attendu=2)
    assert f"{option} ne va pas avec --cron" in fin.stderr and fin.stdout == ""


def test_un_seul_calendrier_pour_la_machine_prefect_et_les_echeances(campagne: tuple[Path, Path]) -> None:
    """Each run of the machine is on the same day everywhere, makes what is due, and starts before it is."""
    from flows import deploiements

    lancees = {(t.jour, t.mois) for t in programmation.taches() if t.jour}
    servies: set[tuple[str, str]] = set()
    for deploiement in deploiements.deployer(Path()):
        (regle,) = deploiement.schedules
        _, heure, jour, mois, _ = regle.schedule.cron.split()
        servies |= {(jour, m) for m in mois.split(",")}
        assert heure == "6"
    assert lancees == servies == {("15", "11"), ("15", "1"), ("13", "2"), ("1", "7"), ("1", "10")}
    entrees, sorties = campagne
    dues: Any = lire_json(
        "planifier", "--annee", ANNEE, "--entrees", entrees, "--sorties", sorties, "--jour", "01/06/2025"
    )
    for tache in (t for t in programmation.taches() if t.jour):
        faite = tache.pour(str(ANNEE), str(ANNEE), str)
        jours = [date.fromisoformat(e["jour"]) for e in dues if e["commande"] == faite]
        debut = date(jours[0].year, int(tache.mois), int(tache.jour))
        assert min(abs((jour - debut).days) for jour in jours) <= 30 and debut < max(jours), tache


def outil(dossier: Path, nom: str, texte: str) -> None:
    """A program of that name, first in the way."""
    dossier.mkdir(exist_ok=True)
    (dossier / nom).write_text(f"#!/bin/sh\n{texte}\n", encoding="utf-8")
    (dossier / nom).chmod(stat.S_IRWXU)


def test_installer_remplace_ce_qu_il_avait_installe(tmp_path: Path) -> None:
    """Twice with a crontab that already has a line of its own: that line stays, ours are there once."""
    outil(tmp_path / "bin", "crontab",
          f'if [ "$1" = -l ]; then cat {tmp_path}/table; else cat > {tmp_path}/table; fi')  # fmt: skip
    (tmp_path / "table").write_text("0 1 * * * sauvegarde\n", encoding="utf-8")
    env = os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    for smtp in ("un.exemple.fr", "deux.exemple.fr"):
        options = ("--installer", "--smtp", smtp, "--a", "flux@exemple.fr")
        assert "Installé" in gestion_flux("planifier", "--cron", *options, env=env).stdout
    table = (tmp_path / "table").read_text("utf-8")
    assert table.startswith("0 1 * * * sauvegarde\n") and table.count("-m flows") == 6
    assert "--alerter --smtp deux.exemple.fr --a flux@exemple.fr" in table and "un.exemple.fr" not in table


def test_installer_pour_systemd_active_les_minuteries(tmp_path: Path) -> None:
    outil(tmp_path / "bin", "systemctl", f'echo "$@" >> {tmp_path}/appels')
    env = os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "XDG_CONFIG_HOME": str(tmp_path / "c")}
    assert "6 minuteries" in gestion_flux("planifier", "--systemd", "--installer", env=env).stdout
    rechargement, activation = (tmp_path / "appels").read_text("utf-8").splitlines()
    assert rechargement == "--user daemon-reload" and activation.startswith("--user enable --now gestion-flux-")
    assert len(list((tmp_path / "c" / "systemd" / "user").glob("*.service"))) == 6
    outil(tmp_path / "bin", "systemctl", "echo pas de session >&2; exit 1")
    refus = gestion_flux("planifier", "--systemd", "--installer", env=env, attendu=2)
    assert "systemctl a refusé : pas de session" in refus.stderr


# Warnings


@contextmanager
def messagerie(certificat: Path | None = None, vus: list[bytes] | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """A real SMTP server on loopback: its address, and the messages that it took; with STARTTLS given a certificate.

    `vus` takes every line that it was sent, and whether the channel was enciphered (`TLS`).
    """
    recus: list[bytes] = []
    chiffre = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if certificat:
        chiffre.load_cert_chain(certificat)
    pret, adresse = threading.Event(), [""]
    boucle = asyncio.new_event_loop()

    async def converser(lecture: asyncio.StreamReader, ecriture: asyncio.StreamWriter) -> None:
        ecriture.write(b"220 essai ESMTP\r\n")
        while ligne := await lecture.readline():
            mot = ligne.split()[0].upper()
            if vus is not None:
                vus.append((b"TLS " if ecriture.get_extra_info("ssl_object") else b"") + ligne)
            if mot == b"DATA":
                ecriture.write(b"354 allez\r\n")
                recus.append((await lecture.readuntil(b"\r\n.\r\n"))[:-3])
            offert = b"250-STARTTLS\r\n" if certificat else b""
            dits = {
                b"EHLO": b"250-essai\r\n" + offert + b"250-AUTH PLAIN\r\n250 8BITMIME\r\n",
                b"AUTH": b"235 ok\r\n",
                b"STARTTLS": b"220 ok\r\n",
                b"QUIT": b"221 fin\r\n",
            }
            ecriture.write(dits.get(mot, b"250 ok\r\n"))
            await ecriture.drain()
            if mot == b"STARTTLS":
                with contextlib.suppress(OSError):
                    await ecriture.start_tls(chiffre)
            if mot == b"QUIT":
                break
        ecriture.close()

    async def servir() -> None:
        serveur = await asyncio.start_server(converser, "127.0.0.1", 0)
        adresse[0] = f"127.0.0.1:{serveur.sockets[0].getsockname()[1]}"
        pret.set()

    def tourner() -> None:
        boucle.run_until_complete(servir())
        boucle.run_forever()

    fil = threading.Thread(target=tourner, daemon=True)
    fil.start()
    assert pret.wait(10)
    try:
        yield adresse[0], recus
    finally:
        boucle.call_soon_threadsafe(boucle.stop)
        fil.join(10)


def test_les_alertes_partent_une_fois_par_palier(tmp_path: Path) -> None:
    """Thirty days before, seven days before (the very day missed), once over; each once, to a real server."""
    lieux = deposer(tmp_path / "in"), tmp_path / "out" / str(ANNEE)
    with messagerie() as (adresse, recus):
        options = ("--alerter", "--smtp", adresse, "--de", "flux@office.fr", "--a", "a@office.fr", "--a", "b@office.fr")

        def alerter(jour: str) -> str:
            avant = len(recus)
            planifier(lieux, jour, *options)
            if len(recus) == avant:
                return ""
            message = message_from_bytes(recus[-1], policy=policy.default)
            assert message["To"] == "a@office.fr, b@office.fr" and "Gestion en flux" in message["Subject"]
            return str(message.get_content())

        assert alerter("01/05/2025") == ""
        assert alerter("01/11/2025").count("\n") >= 1
        premier = alerter("05/11/2025")
        assert premier == ""  # said on the first day within thirty
        assert "J-5 : état des lieux (ALS, ETAT, VILLE), dû le 30/11/2025" in alerter("25/11/2025")
        assert alerter("26/11/2025") == ""
        manquee = alerter("02/12/2025")
        assert "ÉCHÉANCE MANQUÉE de 2 j : état des lieux" in manquee and "gestion-flux etat-des-lieux" in manquee
        assert alerter("03/12/2025") == ""
    cles = [c for ligne in registre.lire_lignes(lieux[1]) for c in ligne.get("cles", ())]
    assert len(cles) == len(set(cles)) and any("30/11" in c or "2025-11-30" in c for c in cles)


def test_un_echec_est_dit_a_une_commande_et_oublie_une_fois_repare(tmp_path: Path) -> None:
    entrees, sorties = deposer(tmp_path / "in"), tmp_path / "out" / str(ANNEE)
    bonnes = (entrees / "reservataires.csv").read_bytes()
    (entrees / "reservataires.csv").write_text("code_reservataire;libelle\nVILLE;Ville\n", encoding="utf-8")
    publier(entrees, sorties, attendu=1)
    (entrees / "reservataires.csv").write_bytes(bonnes)
    outil(tmp_path / "bin", "prevenir", f"cat > {tmp_path}/dit")
    commande = ("--alerter", "--par", f"{tmp_path}/bin/prevenir")
    planifier((entrees, sorties), "01/05/2025", *commande)
    assert "ÉCHEC : bilan 2025 refusé" in (tmp_path / "dit").read_text("utf-8")
    assert "Rien de nouveau" in planifier((entrees, sorties), "02/05/2025", *commande).stdout
    publier(entrees, sorties)
    alertes: Any = lire_json("planifier", "--annee", ANNEE, "--entrees", entrees, "--sorties", sorties, "--alerter",
                             "--jour", "01/05/2025")  # fmt: skip
    assert alertes == []


def certificat_de(dossier: Path) -> Path:
    """A certificate for 127.0.0.1, signed by itself, with its key."""
    cle = ec.generate_private_key(ec.SECP256R1())
    nom = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "essai")])
    maintenant = datetime.now(UTC)
    signe = (
        x509.CertificateBuilder()
        .subject_name(nom)
        .issuer_name(nom)
        .public_key(cle.public_key())
        .serial_number(1)
        .not_valid_before(maintenant - timedelta(days=1))
        .not_valid_after(maintenant + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(cle, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    privee = cle.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (dossier / "certificat.pem").write_bytes(signe.public_bytes(pem) + privee)
    return dossier / "certificat.pem"


def test_un_mot_de_passe_ne_part_que_chiffre_vers_un_serveur_reconnu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TLS, or with a certificate that nobody vouches for, none is sent; a relay that asks none still serves."""
    monkeypatch.setenv(alertes.MOT_DE_PASSE, "un-mot-de-passe")
    certificat = certificat_de(tmp_path)
    campagne = Campagne(ANNEE, tmp_path / "in", tmp_path / "out" / str(ANNEE), commande="planifier")

    def envoyer(tls: Path | None, utilisateur: str) -> list[bytes]:
        vus: list[bytes] = []
        with messagerie(tls, vus) as (adresse, recus):
            sujet = alertes.Messagerie(adresse, "a@office.fr", ("b@office.fr",), utilisateur)
            try:
                alertes.envoyer(campagne, [alertes.Alerte("cle", "À faire")], messagerie=sujet)
            finally:
                assert not [x for x in vus if x.upper().startswith(b"AUTH")]  # never in clear
                assert utilisateur or recus
        return vus

    for tls, dit in ((None, "n'offre pas de connexion chiffrée"), (certificat, "n'est pas reconnu")):
        with pytest.raises(MauvaisUsage, match=dit):
            envoyer(tls, "flux")
        envoyer(tls, "")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificat))
    assert [x for x in envoyer(certificat, "flux") if x.startswith(b"TLS AUTH PLAIN")]
    monkeypatch.delenv(alertes.MOT_DE_PASSE)
    with pytest.raises(MauvaisUsage, match="qui est vide"):
        envoyer(certificat, "flux")


def test_une_alerte_que_personne_ne_prend_n_est_pas_dite(campagne: tuple[Path, Path]) -> None:
    """Nothing is inscribed: the next try says it again."""
    options = ("--alerter", "--smtp", "127.0.0.1:9", "--a", "a@office.fr")
    for _ in range(2):
        assert "n'a pas pris l'alerte" in planifier(campagne, "20/11/2025", *options, attendu=2).stderr
    fin = planifier(campagne, "20/11/2025", "--alerter", "--par", "/bin/false", attendu=2)
    assert "a échoué (code 1)" in fin.stderr
