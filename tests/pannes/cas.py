"""What a hostile file is for the tests: its bytes, and what must be said of it; the table that most of them hold."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TABLE: list[list[object]] = [
    ["code_reservataire", "libelle", "nombre"],
    ["MAIRIE01", "Ville d'Été-sur-Mer", 12],
    ["ALS", "Action Logement, services", 7],
]


@dataclass(frozen=True)
class Cas:
    """A file: its extension, its bytes, the codes of anomalies that it must raise; `lisible` when it is read anyway."""

    nom: str
    extension: str
    octets: Callable[[], bytes]
    codes: tuple[str, ...]
    lisible: bool = False

    def deposer(self, dossier: Path, table: str = "reservataires") -> Path:
        """Writes the file in `dossier`, named after a table of the contract."""
        chemin = dossier / f"{table}_{self.nom}{self.extension}"
        chemin.write_bytes(self.octets())
        return chemin


def coupe(octets: Callable[[], bytes], garde: float) -> Callable[[], bytes]:
    """The first `garde` of a file, 0.5 for its half."""
    return lambda: (tout := octets())[: int(len(tout) * garde)]
