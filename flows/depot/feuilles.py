"""What the extraction hands on: sheets of text rows, one Arrow file each, and the words of cell addresses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite, isnan
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from flows.anomalies import Anomalie, Gravite
from flows.personnes.sceau import FluxScelle
from flows.requetes import a_lire

COLONNES_MAX = 16_384
FUSIONS_MAX = 500_000
TOTAUX_COUPES = (65_536, 1_048_576)  # rows of a sheet: .xls, then .xlsx
_ERREURS_INTERNES = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
_ERREURS_AFFICHEES = ("#N/D", "#VALEUR!", "#NOM?", "#NUL!", "#NOMBRE!", "#GETTING_DATA")
ERREURS = frozenset((*_ERREURS_INTERNES, *_ERREURS_AFFICHEES))
ERREUR_AUTRE = "#Err"  # then `:502`: what LibreOffice shows of the others
SANS_VALEUR = "#SANS_VALEUR!"  # a formula whose result is not in the file: not a blank, which would mean something
CHIFFRES_PERDUS = "#CHIFFRES_PERDUS!"  # a number of more than 15 digits: a spreadsheet does not keep the others
_REFERENCE = re.compile(r"([A-Z]{1,7})(\d{1,9})")


@dataclass(frozen=True)
class Balayable:
    """A text that DuckDB scans where it is: record k (1-based) of what follows its first line is on line k + 1.

    `origine` is the file dropped, `chemin` the same in UTF-8; `nb_lignes` are its records, `largeur` their cells: when
    the scan finds otherwise, the text must be spread out. `dites` is what is to be said of it when the scan agrees.
    `dit_total`: « tota » is written somewhere in it, in any case: a row may be a total. `dit_faute`: so is what a cell
    in error or a number in scientific notation holds.
    """

    origine: Path
    chemin: Path
    separateur: str
    largeur: int
    nb_lignes: int
    dit_total: bool
    dit_faute: bool
    dites: tuple[Anomalie, ...]

    @property
    def relation(self) -> str:
        """SQL of its records, `c1`…`cN` as text, blank cells null; DuckDB raises when one is irregular."""
        colonnes = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(1, self.largeur + 1))
        forme = "auto_detect = false, null_padding = false, strict_mode = true"
        return (
            f"read_csv({a_lire(self.chemin)}, delim = '{self.separateur}', quote = '\"', escape = '\"', "
            f"header = false, skip = 1, {forme}, columns = {{{colonnes}}})"
        )


@dataclass(frozen=True)
class Feuille:
    """One sheet (or the whole of a text or parquet file) as rows of text, before headings are looked for.

    `lignes` is an uncompressed Arrow IPC file: `ligne` (int64, the row number that the user sees, 1-based), then
    `c1`…`cN` (utf8, null for an empty cell), `cK` being the K-th column of the file even when the first are blank.
    Wholly blank rows are not given, and the numbering keeps their place. `fusions` are the merged ranges
    (row1, col1, row2, col2), 1-based. `encodage` and `separateur` are "" when not text.
    `cle` is the key under which `lignes` is sealed (see `sceau.py`), b"" for a file in clear. With a `balayable`,
    `lignes` holds the first rows only.
    """

    fichier: str
    feuille: str
    lignes: Path
    nb_lignes: int
    masquee: bool
    fusions: tuple[tuple[int, int, int, int], ...]
    format: str
    encodage: str = ""
    separateur: str = ""
    cle: bytes = field(default=b"", repr=False)
    balayable: Balayable | None = None


@contextmanager
def ecrire(destination: Path, schema: pa.Schema, cle: bytes = b"") -> Iterator[pa.RecordBatchFileWriter]:
    """The Arrow file of a sheet, to be written batch by batch; sealed when there is a key."""
    flux = FluxScelle(destination, cle) if cle else None
    try:
        with pa.ipc.new_file(flux or str(destination), schema) as sortie:
            yield sortie
    finally:
        if flux is not None:
            flux.close()


def schema(largeur: int) -> pa.Schema:
    """Schema of the Arrow file of a sheet `largeur` columns wide."""
    return pa.schema([("ligne", pa.int64()), *((f"c{i}", pa.string()) for i in range(1, largeur + 1))])


def lettres(colonne: int) -> str:
    """Letters of a 1-based column: 1 → `A`, 28 → `AB`."""
    texte = ""
    while colonne > 0:
        colonne, reste = divmod(colonne - 1, 26)
        texte = chr(65 + reste) + texte
    return texte


def adresse(reference: str) -> tuple[int, int]:
    """`AB12` → (12, 28), row then column, 1-based. (0, 0) when it is not the address of a cell."""
    morceaux = _REFERENCE.fullmatch(reference)
    if morceaux is None:
        return 0, 0
    colonne = 0
    for lettre in morceaux[1]:
        colonne = colonne * 26 + ord(lettre) - 64
    return int(morceaux[2]), colonne


def nombre_en_texte(valeur: float | Decimal) -> str | None:
    """A number as it is read on a screen: no exponent, no `.0`, 15 significant digits as spreadsheets show.

    0.1 + 0.2 → `0.3`; 1.23e13 → `12300000000000`; None for NaN.
    """
    if not isfinite(valeur):
        return None if isnan(valeur) else str(valeur)
    exact = valeur if isinstance(valeur, Decimal) else Decimal(format(valeur, ".15g"))
    texte = format(exact, "f")
    texte = texte.rstrip("0").rstrip(".") if "." in texte else texte
    return "0" if texte == "-0" else texte


def non_vides(colonnes: list[pa.Array]) -> pa.Array | None:
    """Mask of the rows that have at least one cell; None when all of them do, the usual case, found at no cost."""
    masque = None
    for colonne in colonnes:
        if colonne.null_count == 0:
            return None
        presents = pc.is_valid(colonne)
        masque = presents if masque is None else pc.or_(masque, presents)
    return masque


def parlantes(colonnes: list[pa.Array]) -> pa.Array | None:
    """The same for the rows that have a cell with more than blanks: millions of the others would fill the memory."""
    masque = None
    for colonne in colonnes:
        presents = pc.fill_null(pc.invert(pc.utf8_is_space(colonne)), False)
        if pc.all(presents).as_py():
            return None
        masque = presents if masque is None else pc.or_(masque, presents)
    return masque


def cellules_en_erreur(lignes: pa.Array, colonnes: list[pa.Array]) -> Iterator[tuple[int, int, str]]:
    """(row, column, text) of each cell that holds an error of the spreadsheet (`#N/A`, `#REF!`…), row by column."""
    for rang, colonne in enumerate(colonnes, start=1):
        dieses = pc.starts_with(colonne, "#")
        if not pc.any(dieses).as_py():
            continue
        for ligne, texte in zip(lignes.filter(dieses).to_pylist(), colonne.filter(dieses).to_pylist(), strict=True):
            if texte.replace(" ", "").upper() in ERREURS or texte.startswith(ERREUR_AUTRE):
                yield ligne, rang, texte


def anomalie_erreur(fichier: str, feuille: str, ligne: int, colonne: int, texte: str) -> Anomalie:
    """One cell that holds an error instead of a value."""
    return Anomalie(
        Gravite.ERREUR,
        "cellule_en_erreur",
        f"La cellule {lettres(colonne)}{ligne} contient l'erreur {texte} à la place d'une valeur.",
        "Corrigez la formule ou saisissez la valeur, puis enregistrez le fichier.",
        fichier,
        feuille,
        ligne,
        lettres(colonne),
        texte,
    )


def anomalie_coupe(fichier: str, feuille: str, total: int) -> Anomalie | None:
    """A warning when the number of rows, with or without the heading, is one at which spreadsheets cut files."""
    for limite in TOTAUX_COUPES:
        if total in (limite, limite + 1):
            nombre = f"{limite:,}".replace(",", "\u00a0")
            return Anomalie(
                Gravite.AVERTISSEMENT,
                "fichier_coupe_par_tableur",
                f"Le fichier a exactement {nombre} lignes : c'est la limite d'un tableur, "
                "il a probablement été coupé par Excel.",
                "Vérifiez le nombre de lignes dans le logiciel d'origine ; exportez en CSV sans passer par Excel.",
                fichier,
                feuille,
                total,
            )
    return None
