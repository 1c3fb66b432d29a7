"""What writers are given: finished figures and finished words, nothing left to compute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flows.livrables import francais

PROPRIETE_MAX = 255
"""Characters of a property of a workbook or a Word file (title, subject), for the tools that read them."""

Valeur = Decimal | float | int | bool | str | date | None
Ligne = Sequence[Valeur]


def longueur(valeur: Valeur) -> float:
    """Length of the bar that shows `valeur`: nothing for what is unknown or negative."""
    return max(0.0, float(valeur)) if isinstance(valeur, Decimal | int | float) else 0.0


class Format(StrEnum):
    """How a column is shown. `POURCENT` holds percents (12.5 is 12,5 %), `CODE` is text kept as it is.

    `LIEN` is a text that leads to the sheet of that name, when the document has it.
    """

    TEXTE = "texte"
    ENTIER = "entier"
    DECIMAL = "decimal"
    POURCENT = "pourcent"
    DATE = "date"
    CODE = "code"
    LIEN = "lien"

    est_nombre: bool
    """True for the formats that are aligned on the right and can be charted."""

    def __init__(self, nom: str) -> None:
        self.est_nombre = nom in ("entier", "decimal", "pourcent")


@dataclass(frozen=True, slots=True)
class Colonne:
    """A column: where it comes from, its heading, its format, its width in characters.

    `decimales` fixes the number of decimals shown; None shows those that the value has, up to two for a figure to read
    and to `maximum` in general: what is rounded here is exact in the CSV files and in the cells.
    `absent` is what an empty value says. `groupes` are the headings above its own, from the top: neighbours share them.
    """

    champ: str
    titre: str
    format: Format
    largeur: float
    decimales: int | None = None
    absent: str = ""
    groupes: tuple[str, ...] = ()
    maximum: int = 2

    def decimales_de(self, valeur: Decimal | float | int) -> int:
        """Decimals to show for `valeur`: those that it has, no idle zero, at most `maximum`."""
        return francais.lisibles(valeur, self.maximum) if self.decimales is None else self.decimales

    def texte(self, valeur: Valeur) -> str:
        """`valeur` as a French reader sees it."""
        if valeur is None:
            return self.absent
        if isinstance(valeur, bool):
            return "oui" if valeur else "non"
        if isinstance(valeur, date):
            return francais.jour(valeur)
        if isinstance(valeur, str) or not self.format.est_nombre:
            return str(valeur)
        lu = francais.pourcent if self.format is Format.POURCENT else francais.nombre
        return lu(valeur, self.decimales_de(valeur))


@dataclass(frozen=True, slots=True)
class Graphique:
    """A bar chart of some columns of a table: positions of columns, and their colours.

    One colour per series, or, when there is a single series, one per row. Only `maximum` rows are drawn, from
    `premiere`; a table with a chart has at least that many.
    """

    titre: str
    categorie: int
    series: tuple[int, ...]
    couleurs: tuple[str, ...]
    maximum: int
    premiere: int = 0
    """The first row drawn."""

    @property
    def par_ligne(self) -> bool:
        """True when the colours tell the rows apart, not the series."""
        return len(self.couleurs) > len(self.series)

    def plus_grande(self, lignes: Sequence[Ligne]) -> float:
        """The largest value drawn: the scale of the bars."""
        return max((longueur(ligne[serie]) for ligne in self.tracees(lignes) for serie in self.series), default=0.0)

    def tracees(self, lignes: Sequence[Ligne]) -> Sequence[Ligne]:
        """The rows drawn."""
        return lignes[self.premiere : self.premiere + self.maximum]


@dataclass(frozen=True, slots=True)
class Tableau:
    """One table, which is one sheet and one section of the page.

    `totaux` are shown after `lignes`, apart. `message` stands in place of the rows when there are none.
    `suite` says what is not shown, when rows were cut; the page shows `maximum_page` rows at most.
    `pages_largeur` is how many printed pages it may spread over, side by side, in landscape unless `portrait`.
    """

    cle: str
    nom: str
    titre: str
    note: str
    colonnes: tuple[Colonne, ...]
    lignes: Sequence[Ligne]
    totaux: Sequence[Ligne] = ()
    message: str = ""
    suite: str = ""
    maximum_page: int = 1_000
    suite_page: str = ""
    graphique: Graphique | None = None
    formules: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Live formulas: (row among `lignes` then `totaux`, column) → text where `{n}` is the cell of row n, same column.

    What the row holds is the value of the formula, written beside it for who does not compute.
    """
    a_l_ecran: int = 0
    """How many of the last rows are not printed."""
    pages_largeur: int = 1
    portrait: bool = False
    imprimees: int = 0
    """How many of the first columns are printed; 0: all."""
    sommaire: bool = False
    """True for the sheet that says what the document is."""


@dataclass(frozen=True, slots=True)
class Chiffre:
    """A headline figure: its label is the column's heading."""

    colonne: Colonne
    valeur: Valeur
    note: str = ""

    @property
    def texte(self) -> str:
        """The figure as a French reader sees it."""
        return self.colonne.texte(self.valeur)


@dataclass(frozen=True, slots=True)
class Document:
    """One deliverable: a summary, then tables. Workbook and page are two views of it.

    `verdict` is the one line to read if only one is read; `signaler` what deserves attention, with the sheet that shows
    it; `omises` the sheets that would be empty, with their title and why.

    `dossier` and `nom` are the folder and the file name without its extension; `date_arrete` dates the document,
    so that no clock is needed. `bandeaux` are shown on every sheet, `alertes` on the summary.
    """

    dossier: str
    nom: str
    titre: str
    sous_titre: str
    sujet: str
    date_arrete: date
    bandeaux: tuple[str, ...]
    alertes: tuple[str, ...]
    identite: tuple[tuple[str, str], ...]
    chiffres: tuple[Chiffre, ...]
    phrases: tuple[str, ...]
    synthese: Tableau | None
    feuilles: tuple[Tableau, ...]
    verdict: str = ""
    signaler: Tableau | None = None
    omises: tuple[tuple[str, str, str], ...] = ()
    edition: str = ""
    """The version printed, « v3 · 7f31c2a9 »; empty for what is sent to nobody."""
    depuis: str = ""
    """What changed since the version that was sent."""

    def adresse(self, nom: str) -> str:
        """Key of the sheet of that name, to make a link; empty when there is none."""
        return next((tableau.cle for tableau in self.feuilles if tableau.nom == nom), "")
