"""Sound texts, which DuckDB scans where they are: one heading row, then records of equal width, one a line.

What is odd in any way is left to `textes.py`: this path only answers for files that both read alike. That the width is
equal throughout is learnt by the one scan of the file (`tables/parc.py`).
"""

import csv
import io
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from flows.anomalies import Anomalie
from flows.depot import feuilles
from flows.depot.encodages import Encodage, FluxUtf8, anomalies_du_texte, reconnaitre
from flows.depot.enregistrements import Lecture
from flows.depot.feuilles import Balayable, Feuille
from flows.depot.separateurs import deviner, est_declaration
from flows.depot.textes import anomalies_des_lignes, echantillon, lire_texte

OCTETS_MIN = 4 << 20
"""Below this size, a text is spread out in memory as well as scanned."""
LIGNES_DE_TETE = 60
_BLOC = 1 << 20
_LIGNE_MAX = 4 << 20
"""Bytes: a text with a longer line is no sound one."""
_PAS = 64 << 10
# What DuckDB and `textes.py` do not read alike: error cells, and blanks around a quoted cell. None of it holds an R.
_AMBIGUS = (
    (b"#", r'[;,|\t"\r\n]#'),
    (b'"', r'[;,|\t\r\n ] "'),
    (b'"', r'" +[;,|\t\r\n]'),
    (b'"\t', r'"\t|\t"'),
)
_TOTAL = "(?i)tota"
SCIENTIFIQUE = r"[.,][0-9]+[eE]\+?[0-9]"
"""Found in any text that is a number in scientific notation."""
_COUPE = b"R"
"""Pieces of a block end by it, since polars looks faster in short texts: nothing looked for holds one."""


def examiner(fichier: str, chemin: Path, destination: Path) -> Feuille | None:
    """The sheet of a text that seems sound; None when it must be spread out by `lire_texte`.

    `destination` receives the first rows only; beside it a text in another encoding is copied in UTF-8.
    """
    encodage, anomalies = reconnaitre(fichier, chemin)
    if encodage is None:
        return None
    debut = echantillon(chemin, encodage)
    separateur, largeur = deviner(debut)
    if largeur < 2 or largeur > feuilles.COLONNES_MAX:
        return None
    premiere = next(csv.reader(io.StringIO(debut, newline=""), delimiter=separateur), [])
    if not (len(premiere) == largeur or (len(premiere) < largeur and est_declaration(premiere))):
        return None
    utf8 = chemin if encodage.nom == "utf-8" else destination.with_suffix(".utf8")
    parcours = _parcourir(chemin, encodage, utf8)
    if parcours is None:
        return None
    flux, dit_total, dit_faute = parcours
    lignes = flux.sauts + (not flux.finit_par_saut)
    lecture = Lecture(separateur, largeur, largeur, enregistrements=lignes, derniere=lignes, complet=True)
    anomalies += anomalies_du_texte(fichier, flux) + anomalies_des_lignes(fichier, lecture, flux)
    balayable = Balayable(chemin, utf8, separateur, largeur, lignes - 1, dit_total, dit_faute, tuple(anomalies))
    if not _ecrire_tete(balayable, premiere, destination):
        return None
    return Feuille(
        fichier, "", destination, lignes, False, (), "csv", encodage.affiche, separateur, balayable=balayable
    )


def etaler(feuille: Feuille) -> tuple[list[Feuille], list[Anomalie]]:
    """The same sheet as rows of text, when a scan cannot judge it, and what is to be said of the file."""
    if feuille.balayable is None:
        return [feuille], []
    return lire_texte(feuille.fichier, feuille.balayable.origine, feuille.lignes)


def lignes_voulues(balayable: Balayable, numeros: Sequence[int]) -> pl.DataFrame:
    """Some rows of a scanned text, as `ligne` and its cells `c1`…, by their row numbers."""
    voulues = pl.DataFrame({"ligne": sorted(numeros)}, schema={"ligne": pl.Int64}).to_arrow()
    with duckdb.connect() as con:
        con.register("voulues", voulues)
        return con.execute(
            f"with lues as (select row_number() over () + 1 as ligne, * from {balayable.relation}) "
            "select lues.* from lues semi join voulues on lues.ligne = voulues.ligne order by lues.ligne"
        ).pl()


def _parcourir(chemin: Path, encodage: Encodage, utf8: Path) -> tuple[FluxUtf8, bool, bool] | None:
    """One reading of the bytes, copied in UTF-8 when they are not; None when they may not be read alike.

    With the text, whether it says « total » somewhere, and whether a cell may be at fault (`dit_faute`).
    """
    flux = FluxUtf8(chemin, encodage)
    reste = b""
    vus = {_TOTAL: False, SCIENTIFIQUE: False}
    with utf8.open("wb") if utf8 != chemin else nullcontext() as copie:
        while bloc := flux.read(_BLOC):
            if copie is not None:
                copie.write(bloc)
            reste += bloc
            fin = max(reste.rfind(b"\n"), reste.rfind(b"\r")) + 1
            if len(reste) - fin > _LIGNE_MAX or _est_ambigu(reste[:fin], vus):
                flux.close()
                return None
            reste = reste[max(fin - 1, 0) :]  # with the line break: what is odd may begin by it
    if _est_ambigu(reste, vus) or "egal" in flux.constats:
        return None
    if flux.retours and not flux.retours == flux.lignes == flux.sauts:
        return None
    return flux, vus[_TOTAL], vus[SCIENTIFIQUE] or "diese" in flux.constats


def _est_ambigu(lignes: bytes, vus: dict[str, bool]) -> bool:
    """Whether these lines, in UTF-8, hold what is not read alike. Each pattern of `vus` is looked for until found."""
    # one byte is looked for a hundred times faster than two
    motifs = [motif for signes, motif in _AMBIGUS if all(signe in lignes for signe in signes)]
    coupes = [0]
    while (suivante := lignes.find(_COUPE, coupes[-1] + _PAS)) >= 0:
        coupes.append(suivante + 1)
    coupes.append(len(lignes))
    tampons = [None, pa.array(coupes, pa.int64()).buffers()[1], pa.py_buffer(lignes)]
    morceaux = pl.Series(pa.Array.from_buffers(pa.large_string(), len(coupes) - 1, tampons))
    for motif, vu in vus.items():
        vus[motif] = vu or bool(morceaux.str.contains(motif).any())
    return any(morceaux.str.contains(motif).any() for motif in motifs)


def _ecrire_tete(balayable: Balayable, premiere: list[str], destination: Path) -> bool:
    """Writes the first rows; False when they are not regular already."""
    entete = [
        [1],
        *([cellule or None] for cellule in premiere),
        *([None] for _ in range(len(premiere), balayable.largeur)),
    ]
    schema = feuilles.schema(balayable.largeur)
    try:
        with duckdb.connect() as con:
            suite = con.execute(
                f"select row_number() over () + 1 as ligne, * from {balayable.relation} limit {LIGNES_DE_TETE}"
            ).to_arrow_table()
    except duckdb.Error:
        return False
    pleines = feuilles.non_vides([colonne.combine_chunks() for colonne in suite.columns[1:]])
    with feuilles.ecrire(destination, schema) as sortie:
        sortie.write_table(pa.table([pa.array(c, champ.type) for c, champ in zip(entete, schema, strict=True)], schema))
        sortie.write_table((suite if pleines is None else suite.filter(pleines)).cast(schema))
    return True
