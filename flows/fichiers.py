"""A file of the campaign: where it is, what it is for, what it holds. Shared by the steps; imports none of them."""

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


def nom_affiche(nom: str) -> str:
    r"""File name that can be printed and stored: what does not print is escaped (`\x0a`), and `\` doubled."""
    return "".join(
        "\\\\" if lettre == "\\" else lettre if lettre.isprintable() else ascii(lettre)[1:-1] for lettre in nom
    )
