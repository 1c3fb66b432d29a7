"""Makes a campaign smaller while a difference persists: tables, other codes, rows by halves, columns."""

import time
from collections.abc import Callable

Rangs = list[dict[str, str | None]]
Campagne = dict[str, Rangs]
NECESSAIRES = ("rpls", "reservataires")


def reduire(tables: Campagne, persiste: Callable[[Campagne], bool], secondes: float, code: str = "") -> Campagne:
    """The smallest campaign found in a given time.

    Args:
        tables: canonical rows of a campaign that has the difference.
        persiste: whether a smaller campaign still has it.
        secondes: time after which the best so far is returned.
        code: the réservataire whose figure differs, '' for another bilan.
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
    essayer({nom: _du_code(lignes, code) or lignes for nom, lignes in reste.items()})
    cites = _identifiants({nom: lignes for nom, lignes in reste.items() if nom != "rpls"})
    essayer(reste | {"rpls": [ligne for ligne in reste["rpls"] if _identifiants({"": [ligne]}) & cites]})
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
            if (nom in NECESSAIRES and not gardees) or not essayer(reste() | {nom: gardees}):
                rang += pas
        pas //= 2


def _du_code(lignes: Rangs, code: str) -> Rangs:
    """Rows that name a code, and those of a table that names none."""
    return [ligne for ligne in lignes if ligne.get("code_reservataire", code) == code]


def _identifiants(tables: Campagne) -> set[str]:
    colonnes = ("ident_rep", "ident_interne", "IDENT_REP", "IDENT_INT")
    return {str(ligne[c]) for lignes in tables.values() for ligne in lignes for c in colonnes if ligne.get(c)}
