"""Makes a campaign smaller while a difference persists: tables, then rows by halves, then columns."""

import time
from collections.abc import Callable

Rangs = list[dict[str, str | None]]
Campagne = dict[str, Rangs]
NECESSAIRES = ("rpls", "reservataires")


def reduire(tables: Campagne, persiste: Callable[[Campagne], bool], secondes: float) -> Campagne:
    """The smallest campaign found in a given time.

    Args:
        tables: canonical rows of a campaign that has the difference.
        persiste: whether a smaller campaign still has it.
        secondes: time after which the best so far is returned.
    """
    fin = time.monotonic() + secondes
    reste = dict(tables)

    def essayer(essai: Campagne) -> bool:
        nonlocal reste
        if time.monotonic() < fin and persiste(essai):
            reste = essai
            return True
        return False

    for nom in [nom for nom in tables if nom not in NECESSAIRES]:
        essayer({autre: lignes for autre, lignes in reste.items() if autre != nom})
    for nom in sorted(reste, key=lambda nom: -len(reste[nom])):
        _reduire_les_lignes(nom, lambda: reste, essayer)
    for nom in list(reste):
        colonnes = sorted({colonne for ligne in reste[nom] for colonne in ligne if ligne[colonne]} - {"millesime"})
        for colonne in colonnes:
            essayer(reste | {nom: [{**ligne, colonne: None} for ligne in reste[nom]]})
    return reste


def _reduire_les_lignes(nom: str, reste: Callable[[], Campagne], essayer: Callable[[Campagne], bool]) -> None:
    pas = max(1, len(reste()[nom]) // 2)
    while pas:
        rang = 0
        while rang < len(reste()[nom]):
            lignes = reste()[nom]
            gardees = lignes[:rang] + lignes[rang + pas :]
            if not gardees or not essayer(reste() | {nom: gardees}):
                rang += pas
        pas //= 2
