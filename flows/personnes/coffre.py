"""Personal files at rest: enciphered with `cryptography`'s Fernet (AES-128-CBC, HMAC-SHA256), key from the environment.

The key is taken out of the environment as soon as it is read, so that no child process inherits it, and is never
written in a file, a log, a message or the register.
"""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from flows.anomalies import Anomalie, ArretBloquant, Gravite, MauvaisUsage
from flows.personnes import VARIABLE_CLE as VARIABLE

SUFFIXE = ".chiffre"
_AIDE = (
    f"Créez une clé une fois pour toutes avec « gestion-flux cle », gardez-la dans le coffre-fort de mots de passe du "
    f"service, et donnez-la dans la variable d'environnement {VARIABLE} (Linux : export {VARIABLE}=… ; "
    f"Windows : set {VARIABLE}=…). Sans elle, les fichiers chiffrés sont perdus."
)


def nouvelle_cle() -> str:
    """A new random key, as text."""
    return Fernet.generate_key().decode()


def prendre_cle() -> MultiFernet:
    """The key of the environment, which no longer has it afterwards.

    Several keys, separated by commas, let one change: the first enciphers, all decipher. Raises MauvaisUsage when
    there is none or when it is not one.
    """
    texte = os.environ.pop(VARIABLE, "").strip()
    if not texte:
        raise MauvaisUsage(f"La variable d'environnement {VARIABLE} est vide : rien n'est lu ni écrit. {_AIDE}")
    try:
        return MultiFernet([Fernet(cle.strip()) for cle in texte.split(",")])
    except ValueError:
        raise MauvaisUsage(f"La variable {VARIABLE} ne contient pas une clé de gestion-flux. {_AIDE}") from None


def ecrire(octets: bytes, chemin: Path, cle: MultiFernet) -> Path:
    """Writes `octets` enciphered, in a file that only its owner may read. Raises FileExistsError over another file."""
    return ecrire_prive(cle.encrypt(octets), chemin)


def lire(chemin: Path, cle: MultiFernet) -> bytes:
    """The bytes in clear, in memory. Raises ArretBloquant for another key or an altered file."""
    try:
        return cle.decrypt(chemin.read_bytes())
    except InvalidToken:
        anomalie = Anomalie(
            Gravite.BLOQUANT,
            "cle_differente",
            f"{chemin.name} n'a pas été chiffré avec cette clé, ou il a été modifié.",
            f"Donnez dans {VARIABLE} la clé qui a servi (plusieurs clés : séparées par des virgules).",
            fichier=chemin.name,
        )
        raise ArretBloquant([anomalie]) from None


def ecrire_prive(octets: bytes, chemin: Path) -> Path:
    """A new file that only its owner may read, on the disk when this returns; none is left when it cannot be whole."""
    drapeaux = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(chemin, drapeaux, 0o600), "wb") as flux:
        try:
            flux.write(octets)
            flux.flush()
            os.fsync(flux.fileno())
        except BaseException:
            chemin.unlink()
            raise
    return chemin


def effacer(chemin: Path) -> None:
    """Overwrites a file before removing it: what a disk that does not copy on write had of it is gone."""
    taille = chemin.stat().st_size
    with chemin.open("rb+") as flux:
        flux.write(os.urandom(taille))
        flux.flush()
        os.fsync(flux.fileno())
    chemin.unlink()
