"""The example campaign: a fictitious bailleur on real public dwellings (SDES, RPLS 2018, Licence Ouverte).

The campaign is data (`data/raw/exemple/`); every right, event and person in it is invented.
"""

from pathlib import Path

from flows.anomalies import MauvaisUsage
from flows.chemins import EXEMPLE


def ecrire_exemple(dossier: Path) -> list[Path]:
    """Copies the example campaign of the exercice 2025 to `dossier`, made if needed, and gives the files written.

    Raises MauvaisUsage when the folder already holds something: real inputs are never replaced.
    """
    if dossier.exists() and (not dossier.is_dir() or any(dossier.iterdir())):
        raise MauvaisUsage(f"{dossier} n'est pas un dossier vide : donnez un dossier à créer, rien n'y est écrit.")
    dossier.mkdir(parents=True, exist_ok=True)
    copies = []
    for modele in sorted(EXEMPLE.iterdir()):
        copie = dossier / modele.name
        copie.write_bytes(modele.read_bytes())
        copies.append(copie)
    return copies
