"""A damaged variant of the healthy campaign: the file it puts in the place of another, and what must come of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.pannes.campagne_saine import TABLES, Lignes, deposer, texte_csv
from tests.pannes.classeurs_bruts import lignes_xlsx, xlsx

Fichiers = Mapping[str, bytes]


class Issue(Enum):
    """What the real command must make of a variant."""

    BLOQUE = "nothing is published, exit 1"
    REJETTE = "the rows named are rejected as errors, all the others are read"
    IDENTIQUE = "same rows, same figures"
    MEMES_CHIFFRES = "same figures, from rows that differ in what no figure uses"
    SIGNALE = "read, and something is said of it"


BLOQUE, REJETTE, IDENTIQUE, MEMES_CHIFFRES, SIGNALE = Issue


@dataclass(frozen=True)
class Dit:
    """An anomaly expected in `controles_<annee>.csv`: what is not given is not looked at."""

    code: str
    ligne: int | None = None
    colonne: str = ""
    valeur: str = ""
    gravite: str = ""
    feuille: str = ""
    fichier: str = ""

    def vaut(self, lue: Mapping[str, str], fichiers: Iterable[str]) -> bool:
        """True when the row `lue` of the report is this anomaly, about one of these files (or none: the campaign)."""
        attendus = {
            "code": self.code,
            "ligne": str(self.ligne or ""),
            "colonne": self.colonne,
            "valeur": self.valeur,
            "gravite": self.gravite,
            "feuille": self.feuille,
        }
        du_fichier = lue["fichier"] == self.fichier if self.fichier else lue["fichier"] in {*fichiers, ""}
        return du_fichier and all(lue[nom] == valeur for nom, valeur in attendus.items() if valeur)


@dataclass(frozen=True)
class Variante:
    """`fichiers` take the place of `<remplace>.csv`; `perdues` are the rows of it (1 = headings) that are rejected.

    `en_plus`: rows that the healthy file has not and that must be rejected too. `encodage`: what the report must say.
    """

    nom: str
    remplace: str
    fichiers: Callable[[], Fichiers]
    issue: Issue
    dits: tuple[Dit, ...] = ()
    perdues: tuple[int, ...] = ()
    en_plus: int = 0
    encodage: str = ""

    @property
    def table(self) -> str:
        """Table of the contract that the variant damages."""
        return self.remplace.split("_20")[0]

    @property
    def origine(self) -> str:
        """The healthy file that it replaces."""
        return f"{self.remplace}.csv"

    def poser(self, dossier: Path) -> list[str]:
        """Puts its files in a campaign folder; returns their names."""
        (dossier / self.origine).unlink()
        fichiers = self.fichiers()
        for nom, octets in fichiers.items():
            (dossier / nom).write_bytes(octets)
        return list(fichiers)


def campagne(dossier: Path, *variantes: Variante) -> Path:
    """The healthy campaign with these variants, each of another file."""
    deposer(dossier)
    for variante in variantes:
        variante.poser(dossier)
    return dossier


def lignes_de(remplace: str) -> Lignes:
    """A copy of a table of the healthy campaign, headings first."""
    return [list(ligne) for ligne in TABLES[remplace]]


def changer(remplace: str, *changements: tuple[int, str, str]) -> Lignes:
    """The table with cells changed: (row, 1 = headings; heading of the column; new text)."""
    lignes = lignes_de(remplace)
    for ligne, colonne, valeur in changements:
        lignes[ligne - 1][lignes[0].index(colonne)] = valeur
    return lignes


def en_csv(remplace: str, lignes: Lignes | None = None, encodage: str = "utf-8", separateur: str = ";") -> Fichiers:
    """The table as one CSV under its usual name."""
    texte = texte_csv(lignes_de(remplace) if lignes is None else lignes, separateur)
    return {f"{remplace}.csv": texte.encode(encodage)}


def en_xlsx(remplace: str, lignes: list[list[object]] | Lignes | None = None) -> Fichiers:
    """The table as one workbook of a sheet `Feuil1`: texts as texts, numbers as numbers."""
    retenues = lignes_de(remplace) if lignes is None else lignes
    return {f"{remplace}.xlsx": xlsx(lignes_xlsx([[c if c != "" else None for c in ligne] for ligne in retenues]))}


def csv_change(
    nom: str,
    remplace: str,
    issue: Issue,
    dits: tuple[Dit, ...],
    *changements: tuple[int, str, str],
    perdues: tuple[int, ...] = (),
) -> Variante:
    """A variant of a CSV with some cells changed."""
    return Variante(nom, remplace, lambda: en_csv(remplace, changer(remplace, *changements)), issue, dits, perdues)
