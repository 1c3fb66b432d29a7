"""The records of a delimited text, written as one sheet: the bulk by pyarrow, the odd ones by Python's `csv`.

pyarrow's dialect is that of `csv` (quotes only at the start of a cell, doubled inside, line breaks allowed in them),
and it hands over the records that do not have the usual number of cells: they are cut here and put back in place.
Blocks of 4 MiB: memory stays flat, and a record longer than a block is refused (pyarrow.ArrowInvalid).
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from flows.depot import feuilles
from flows.depot.encodages import FluxUtf8

BLOC = 4 << 20
INEGALES_MAX = 10_000
# A last record of our own: if it comes back as a record, no quote was left open before it.
FIN = "\x1efin-du-fichier\x1e"
csv.field_size_limit(2 * BLOC)


@dataclass
class Lecture:
    """One reading of a file from end to end: how it was done, and what was learnt in it."""

    separateur: str
    usuelle: int  # cells of an ordinary record
    largeur: int  # columns written
    compter: bool = False  # count the line breaks held by cells, to number the lines
    enregistrements: int = 0  # blank ones included
    lignes_lues: int = 0
    ecrites: int = 0  # rows written
    premiere: int = 0  # line of the first ordinary record
    derniere: int = 0  # line of the last record
    derniere_courte: bool = False
    complet: bool = False  # the end of the file was seen as such
    largeurs: Counter[int] = field(default_factory=Counter)  # cells → records, blank ones aside
    inegales: list[tuple[int, int]] = field(default_factory=list)  # (line, cells) of records that are not ordinary
    nb_inegales: int = 0
    avales: list[tuple[int, int]] = field(default_factory=list)  # (line, column) of cells that hold whole records
    erreurs: list[tuple[int, int, str]] = field(default_factory=list)  # (line, column, text) of `#N/A`…


@dataclass
class _Lot:
    """Records in their order, blank ones included: their cells, and the number of cells of the odd ones by rank."""

    colonnes: list[pa.Array]
    inegaux: dict[int, int]


def ecrire(flux: FluxUtf8, lecture: Lecture, destination: Path, cle: bytes = b"") -> None:
    """Writes the records of `flux` (which ends by `FIN`) in `destination`, and fills `lecture`."""
    schema = feuilles.schema(lecture.largeur)
    with feuilles.ecrire(destination, schema, cle) as sortie:
        for lot in _lots(flux, lecture):
            lignes, colonnes = _preparer(lot, lecture, flux.constats)
            if len(lignes):
                sortie.write_batch(pa.record_batch([lignes, *colonnes], schema=schema))
                lecture.ecrites += len(lignes)
    lecture.enregistrements -= lecture.complet


def _lots(flux: FluxUtf8, lecture: Lecture) -> Iterator[_Lot]:
    """The blocks of the reader, with the records that it had put aside back in their places."""
    ecarts: dict[int, str] = {}  # number of the record, 1-based, blank ones counted → its text

    def mettre_de_cote(enregistrement: pacsv.InvalidRow) -> str:
        ecarts[enregistrement.number] = enregistrement.text
        return "skip"

    noms = [f"c{i}" for i in range(1, lecture.usuelle + 1)]
    lecteur = pacsv.open_csv(
        pa.PythonFile(flux, mode="r"),
        pacsv.ReadOptions(use_threads=False, block_size=BLOC, column_names=noms),
        pacsv.ParseOptions(
            delimiter=lecture.separateur,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=mettre_de_cote,
        ),
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(noms, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    for lot in lecteur:
        suivant, connus = lecture.enregistrements + 1, sorted(ecarts)
        numeros = [n for n in range(suivant, suivant + lot.num_rows + len(connus)) if n not in ecarts][: lot.num_rows]
        if numeros:
            avant = {n: ecarts.pop(n) for n in connus if n < numeros[-1]}
            yield _remettre(lot.columns, numeros, avant, lecture)
            lecture.enregistrements = numeros[-1]
    if ecarts:
        aucune = [pa.nulls(0, pa.string())] * lecture.usuelle
        yield _remettre(aucune, [], dict(sorted(ecarts.items())), lecture)
        lecture.enregistrements = max(ecarts)


def _remettre(colonnes: list[pa.Array], numeros: list[int], ecarts: dict[int, str], lecture: Lecture) -> _Lot:
    ajoutees = [pa.nulls(len(numeros), pa.string())] * (lecture.largeur - lecture.usuelle)
    colonnes = [*colonnes, *ajoutees]
    if not ecarts:
        return _Lot(colonnes, {})
    coupes = [_cellules(texte, lecture) for texte in ecarts.values()]
    tous = [*numeros, *ecarts]
    rangs = {numero: rang for rang, numero in enumerate(sorted(tous))}
    ordre = pc.sort_indices(pa.array(tous))
    for i, colonne in enumerate(colonnes):
        valeurs = pa.array([(c[i] or None) if i < len(c) else None for c in coupes], pa.string())
        colonnes[i] = pa.concat_arrays([colonne, valeurs]).take(ordre)
    return _Lot(colonnes, {rangs[numero]: len(c) for numero, c in zip(ecarts, coupes, strict=True)})


def _cellules(texte: str, lecture: Lecture) -> list[str]:
    """Cells of one record; blank ones beyond the usual number do not count, nor does a record of blanks."""
    cellules = next(csv.reader(io.StringIO(texte, newline=""), delimiter=lecture.separateur), [])
    while len(cellules) > lecture.usuelle and not cellules[-1]:
        cellules.pop()
    return cellules if any(cellules) else []


def _preparer(lot: _Lot, lecture: Lecture, constats: dict[str, tuple[int, int]]) -> tuple[pa.Array, list[pa.Array]]:
    """Lines and cells of the records of a lot that are not blank."""
    colonnes = lot.colonnes
    lignes, sauts = _numeroter(colonnes, lecture)
    if colonnes[0][-1].as_py() == FIN:
        lecture.complet = True
        lignes, colonnes = lignes[:-1], [colonne[:-1] for colonne in colonnes]
        sauts = sauts[:-1] if sauts is not None else None
        lot.inegaux.pop(len(lignes), None)
    if not len(lignes):
        return lignes, colonnes
    lecture.derniere = lignes[-1].as_py()
    if sauts is not None:
        lecture.avales += _avales(lot, colonnes, lignes, sauts, lecture)
    if "egal" in constats:
        colonnes = [_sans_formule(colonne) for colonne in colonnes]
    if "diese" in constats:
        lecture.erreurs += feuilles.cellules_en_erreur(lignes, colonnes)
    _compter(lot, lignes, feuilles.non_vides(colonnes), lecture)
    pleines = feuilles.parlantes(colonnes)
    if pleines is not None:
        lignes, colonnes = lignes.filter(pleines), [colonne.filter(pleines) for colonne in colonnes]
    return lignes, colonnes


def _sans_formule(colonne: pa.Array) -> pa.Array:
    """`="01004"`, the way to keep a text from Excel, is read as Excel shows it: `01004`."""
    protegees = pc.match_substring_regex(colonne, r'^="[^"]*"$')
    if not pc.any(protegees).as_py():
        return colonne
    valeurs = pc.replace_substring_regex(colonne, r'^="([^"]*)"$', r"\1")
    return pc.if_else(pc.equal(valeurs, ""), None, valeurs)


def _numeroter(colonnes: list[pa.Array], lecture: Lecture) -> tuple[pa.Array, pa.Array | None]:
    """Line of each record and, when they are counted, the line breaks that its cells hold."""
    taille = len(colonnes[0])
    if not lecture.compter:
        debut = lecture.enregistrements + 1
        return pa.array(range(debut, debut + taille), pa.int64()), None
    sauts = pa.array([0] * taille, pa.int64())
    for colonne in colonnes:
        n, r, rn = (pc.fill_null(pc.count_substring(colonne, saut), 0) for saut in ("\n", "\r", "\r\n"))
        sauts = pc.add(sauts, pc.subtract(pc.add(n, r), rn))
    fins = pc.cumulative_sum(pc.add(sauts, 1))
    lignes = pc.add(pc.subtract(fins, sauts), lecture.lignes_lues)
    lecture.lignes_lues += fins[-1].as_py()
    return lignes, sauts


def _compter(lot: _Lot, lignes: pa.Array, pleines: pa.Array | None, lecture: Lecture) -> None:
    nombre = len(lignes) if pleines is None else pc.sum(pleines).as_py()
    impairs = {rang: n for rang, n in lot.inegaux.items() if n}
    lecture.largeurs[lecture.usuelle] += nombre - len(impairs)
    lecture.largeurs.update(impairs.values())
    if not lecture.premiere:
        ordinaires = (r for r in range(len(lignes)) if r not in impairs and (pleines is None or pleines[r].as_py()))
        rang = next(ordinaires, None)
        lecture.premiere = lignes[rang].as_py() if rang is not None else 0
    for rang, cellules in impairs.items():
        ligne = lignes[rang].as_py()
        if cellules != lecture.usuelle and 0 < lecture.premiere < ligne:
            lecture.nb_inegales += 1
            if len(lecture.inegales) < INEGALES_MAX:
                lecture.inegales.append((ligne, cellules))
    lecture.derniere_courte = 0 < impairs.get(len(lignes) - 1, 0) < lecture.usuelle


def _avales(
    lot: _Lot, colonnes: list[pa.Array], lignes: pa.Array, sauts: pa.Array, lecture: Lecture
) -> Iterator[tuple[int, int]]:
    """Cells that a stray quote made of whole records: their separators are exactly those of the lines they span."""
    if lecture.usuelle < (4 if lecture.separateur == "," else 2):  # a comma in a text of two lines proves nothing
        return
    for rang in pc.indices_nonzero(sauts).to_pylist():
        attendus = (1 + sauts[rang].as_py()) * (lecture.usuelle - 1)
        dehors = (lot.inegaux.get(rang) or lecture.usuelle) - 1
        for i, colonne in enumerate(colonnes, start=1):
            texte = colonne[rang].as_py() or ""
            dedans = texte.count(lecture.separateur)
            if dedans and ("\n" in texte or "\r" in texte) and dehors + dedans == attendus:
                yield lignes[rang].as_py(), i
