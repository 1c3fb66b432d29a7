"""Warnings: what is due in thirty days, in seven, what is missed, which run failed; by a command or by a mail server.

Each is given once: the register keeps what was said (`alerte` lines), so that a machine that was off on the very day
still warns, and none says the same thing every morning.
"""

import os
import shlex
import smtplib
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage

from flows.anomalies import MauvaisUsage
from flows.campagne import Campagne
from flows.publication import registre
from flows.vie.calendrier import Echeance

PALIERS = (30, 7)
MOT_DE_PASSE = "GESTION_FLUX_SMTP_MDP"
DELAI_S = 30
_ECHECS = {"refus": "refusé", "echec": "échoué", "interruption": "interrompu"}


@dataclass(frozen=True)
class Alerte:
    """One thing to say: `cle` names it for ever, `phrase` says it in French, with what to do."""

    cle: str
    phrase: str


@dataclass(frozen=True)
class Messagerie:
    """A mail server (`hote:port`), who writes, who receives, as whom to log in (password: GESTION_FLUX_SMTP_MDP)."""

    serveur: str
    de: str
    a: tuple[str, ...]
    utilisateur: str = ""


def a_dire(campagne: Campagne, dues: Sequence[Echeance], aujourd_hui: date) -> list[Alerte]:
    """What is to be said that day and was not said yet."""
    alertes = [a for e in dues if not e.fait and (a := _echeance(e, aujourd_hui))] + _echecs(campagne)
    dites = {cle for ligne in registre.lignes_de(campagne.sorties, "alerte") for cle in ligne.get("cles") or ()}
    return [alerte for alerte in alertes if alerte.cle not in dites]


def envoyer(
    campagne: Campagne, alertes: Sequence[Alerte], commande: str = "", messagerie: Messagerie | None = None
) -> None:
    """Sends them together, then inscribes that they were; nothing is inscribed when nobody could be told.

    Raises MauvaisUsage, in French, for a command that fails or a server that refuses.
    """
    texte = "\n".join(alerte.phrase for alerte in alertes) + "\n"
    objet = f"Gestion en flux : {len(alertes)} alerte{'s' * (len(alertes) > 1)}"
    if commande:
        _par_commande(commande, texte)
    if messagerie:
        _par_courriel(messagerie, objet, texte)
    registre.inscrire(campagne, "alerte", {"cles": [alerte.cle for alerte in alertes]})


def _echeance(e: Echeance, aujourd_hui: date) -> Alerte | None:
    jours = (e.jour - aujourd_hui).days
    qui = "" if len(e.codes) > 5 else f" ({', '.join(e.codes)})"
    palier = next((p for p in sorted(PALIERS) if 0 <= jours <= p), None)
    if palier is None and jours >= 0:
        return None
    quand = f"J-{jours}" if palier is not None else f"ÉCHÉANCE MANQUÉE de {-jours} j"
    phrase = f"{quand} : {e.objet}{qui}, dû le {e.jour:%d/%m/%Y}. À faire : gestion-flux {e.commande}"
    return Alerte(f"{e.jour} {e.objet} {palier or 'manquee'}", phrase)


def _echecs(campagne: Campagne) -> list[Alerte]:
    """Runs that did not publish, unless the same command has published since."""
    alertes: dict[str, Alerte] = {}
    for ligne in registre.lignes_de(campagne.sorties, *_ECHECS, "publication"):
        evenement = ligne["evenement"]
        commande = f"{ligne.get('commande')} {ligne.get('au') or ligne.get('annee')}"
        if evenement in _ECHECS:
            lieux = ", ".join(str(lieu) for lieu in ligne.get("lieux") or ())
            phrase = f"ÉCHEC : {commande} {_ECHECS[evenement]}" + (f", {lieux}" if lieux else "")
            alertes[commande] = Alerte(
                f"{evenement} {ligne.get('quand')}", f"{phrase}. À faire : gestion-flux historique {ligne.get('annee')}"
            )
        else:
            alertes.pop(commande, None)
    return list(alertes.values())


def _par_commande(commande: str, texte: str) -> None:
    try:
        fin = subprocess.run(  # noqa: S603 - the user's own command, without a shell
            shlex.split(commande),
            input=texte,
            text=True,
            encoding="utf-8",
            capture_output=True,
            timeout=DELAI_S,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as erreur:
        raise MauvaisUsage(f"La commande d'alerte « {commande} » ne peut pas être lancée ({erreur}).") from erreur
    if fin.returncode:
        raise MauvaisUsage(
            f"La commande d'alerte « {commande} » a échoué (code {fin.returncode}) : {fin.stderr[-200:]}"
        )


def _par_courriel(messagerie: Messagerie, objet: str, texte: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = objet, messagerie.de, ", ".join(messagerie.a)
    message.set_content(texte)
    hote, _, port = messagerie.serveur.partition(":")
    try:
        with smtplib.SMTP(hote, int(port or 25), timeout=DELAI_S) as serveur:
            serveur.ehlo()
            if messagerie.utilisateur:
                _s_identifier(serveur, messagerie)
            elif serveur.has_extn("starttls"):
                # not verified: without a password, a server that offers no TLS at all is taken as well
                serveur.starttls()
                serveur.ehlo()
            serveur.send_message(message)
    except ssl.SSLCertVerificationError as erreur:
        raise MauvaisUsage(
            f"Le certificat du serveur de messagerie {messagerie.serveur} n'est pas reconnu ({erreur.verify_message}) "
            ": le mot de passe n'est pas envoyé. Donnez le nom qui est dans le certificat et, s'il est d'une autorité "
            "interne, son fichier dans la variable SSL_CERT_FILE."
        ) from erreur
    except (OSError, ValueError, smtplib.SMTPException) as erreur:
        raise MauvaisUsage(
            f"Le serveur de messagerie {messagerie.serveur} n'a pas pris l'alerte ({erreur})."
        ) from erreur


def _s_identifier(serveur: smtplib.SMTP, messagerie: Messagerie) -> None:
    """Logs in, once the channel is enciphered and the server is who it says: a password is never sent otherwise."""
    if not serveur.has_extn("starttls"):
        raise MauvaisUsage(
            f"Le serveur de messagerie {messagerie.serveur} n'offre pas de connexion chiffrée (STARTTLS) : le mot de "
            "passe n'est pas envoyé. Donnez son port chiffré (587 le plus souvent), ou un relais qui n'en demande pas, "
            "sans --utilisateur."
        )
    if not (mot_de_passe := os.environ.get(MOT_DE_PASSE, "")):
        raise MauvaisUsage(f"--utilisateur demande le mot de passe dans la variable {MOT_DE_PASSE}, qui est vide.")
    serveur.starttls(context=ssl.create_default_context())
    serveur.ehlo()
    serveur.login(messagerie.utilisateur, mot_de_passe)
