"""A file: what it is for in the campaign, what it holds, how it is written whole. Imports none of the steps."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FichierRecu:
    """One file to read. `nom` is safe to show and to store; `chemin` is where it is; `octets` its size.

    `signature` is what the system says of a file that has not changed (see `reception`); empty when it proves nothing.
    """

    nom: str
    chemin: Path
    table: str
    octets: int
    sha256: str
    signature: tuple[int, ...] = ()


def sha256(chemin: Path) -> str:
    """SHA-256 of a file, which is never held whole. Raises OSError when it cannot be read."""
    with chemin.open("rb") as flux:
        return hashlib.file_digest(flux, "sha256").hexdigest()


@contextmanager
def entier(fichier: Path) -> Iterator[Path]:
    """Where to write a file, which has its name once it is whole; nothing is left of one that could not be."""
    provisoire = fichier.with_name(f".{fichier.name}.partiel")
    try:
        yield provisoire
        provisoire.replace(fichier)
    finally:
        provisoire.unlink(missing_ok=True)


def nom_affiche(nom: str) -> str:
    r"""File name that can be printed and stored: what does not print is escaped (`\x0a`), and `\` doubled."""
    return "".join(
        "\\\\" if lettre == "\\" else lettre if lettre.isprintable() else ascii(lettre)[1:-1] for lettre in nom
    )
