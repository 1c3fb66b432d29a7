"""What the product has to say about its inputs: one row of `controles_<annee>.csv`."""

from dataclasses import dataclass
from enum import StrEnum


class Gravite(StrEnum):
    """How far an anomaly goes: only `BLOQUANT` stops a run."""

    BLOQUANT = "bloquant"
    ERREUR = "erreur"
    AVERTISSEMENT = "avertissement"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Anomalie:
    """One anomaly, in the columns of the contract.

    `ligne` is the row number that the user sees in the file (1 = first line).
    `message` says what is wrong and which rule, `correction` what to do, both in French.
    Never put a value of a personal column in `valeur` or `message`.
    `code_reservataire` is the réservataire concerned, when there is one.
    """

    gravite: Gravite
    code: str
    message: str
    correction: str = ""
    fichier: str = ""
    feuille: str = ""
    ligne: int | None = None
    colonne: str = ""
    valeur: str = ""
    code_reservataire: str = ""


class ArretBloquant(Exception):
    """Stops a run; carries every anomaly found so far, blocking or not."""

    def __init__(self, anomalies: list[Anomalie]) -> None:
        super().__init__(f"{len(anomalies)} anomalies")
        self.anomalies = anomalies
