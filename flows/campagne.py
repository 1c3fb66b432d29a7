"""What one run is about: an exercice, where its files are, where its outputs go."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.anomalies import MauvaisUsage

PREMIERE_ANNEE = 2000
DERNIERE_ANNEE = 2100
ETAT_DES_LIEUX = "etat-des-lieux"
POINTS = "points"
SEUIL_PUBLIC_MIN, SEUIL_PUBLIC_MAX = 2, 1000
NOM_MAX = 200
"""Bytes in the name of the outputs: file systems stop at 255, and what is made beside them has longer names."""


def verifier_chemin(dossier: Path) -> None:
    """Raises MauvaisUsage for a place where no warehouse can be made: the engine ends its path at the first `?`."""
    if "?" in str(dossier.resolve()):
        raise MauvaisUsage(f"{dossier} : un dossier de sortie ne peut pas avoir de « ? » dans son chemin.")


@dataclass(frozen=True)
class Campagne:
    """One run of one command, as it was asked for.

    `annee` is the exercice N. `au` is the last day counted when the year is not over (`--au`), or the date of the état
    des lieux (`etat-des-lieux DATE`).
    `reservataires` limits the deliverables to these codes; empty means all.
    `options` are the other options of the command, as pairs (name, value), for the manifest.
    `refaire` forces a whole run when nothing has changed; it decides no output.
    Raises MauvaisUsage when the year or the date cannot be.
    """

    annee: int
    entrees: Path
    sorties: Path
    au: date | None = None
    reservataires: tuple[str, ...] = ()
    commande: str = "bilan"
    options: tuple[tuple[str, str], ...] = ()
    refaire: bool = False

    def __post_init__(self) -> None:
        if not PREMIERE_ANNEE <= self.annee <= DERNIERE_ANNEE:
            raise MauvaisUsage(
                f"L'exercice {self.annee} n'est pas une année attendue : "
                f"donnez une année entre {PREMIERE_ANNEE} et {DERNIERE_ANNEE}."
            )
        if ".." in self.sorties.parts:  # the system does not go up from a folder that is not there
            object.__setattr__(self, "sorties", self.sorties.resolve())
        nom = self.sorties.resolve().name
        if not nom:
            raise MauvaisUsage("La racine du disque ne peut pas être le dossier de sortie : donnez-en un autre.")
        if len(nom.encode(errors="replace")) > NOM_MAX:
            raise MauvaisUsage(
                f"Le nom du dossier de sortie a {len(nom)} lettres, trop pour un disque : donnez-en un plus court."
            )
        verifier_chemin(self.sorties)
        if self.au is not None and self.au.year != self.annee:
            raise MauvaisUsage(
                f"La date d'arrêté {self.au:%d/%m/%Y} n'est pas dans l'exercice {self.annee} : "
                f"donnez une date entre le 01/01/{self.annee} et le 31/12/{self.annee}."
            )

    @property
    def seuil_public(self) -> int:
        """Below it a count is hidden in the public version; 0 when none was asked for."""
        return int(dict(self.options).get("public", 0))

    @property
    def debut(self) -> date:
        """First day counted: 1 January of the exercice."""
        return date(self.annee, 1, 1)

    @property
    def fin(self) -> date:
        """Last day counted: `au` when given, else 31 December of the exercice."""
        return self.au or date(self.annee, 12, 31)

    @property
    def est_provisoire(self) -> bool:
        """True when the counts stop at a date given by `--au`; an état des lieux is not provisional."""
        return self.au is not None and self.commande != ETAT_DES_LIEUX

    @property
    def dossier(self) -> str:
        """Folder of the bilans below the outputs: a point inside the year has its own, beside the closed bilan."""
        return f"{POINTS}/{self.fin.isoformat()}" if self.commande == "bilan" and self.est_provisoire else ""

    @property
    def date_etat_des_lieux(self) -> date:
        """Date of the inventory of rights: the one asked for, else 30 November of the exercice ([001] art. 3)."""
        if self.commande == ETAT_DES_LIEUX and self.au is not None:
            return self.au
        return date(self.annee, 11, 30)
