"""Parquet files → one sheet of text rows: the names of the columns as row 1, values as canonical text from row 2."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.depot import feuilles
from flows.depot.archives import Refus

LIGNES_MAX = 20_000_000
CELLULES_MAX = 1_500_000_000
LOT = 50_000


def ecrire(chemin: Path, destination: Path, cle: bytes = b"") -> int:
    """Writes the rows, batch by batch, and gives their number, heading included. Raises Refus, or ArrowException.

    Dates are ISO, with the time only when it is not midnight; whole numbers have no `.0`; booleans are true/false.
    """
    with pq.ParquetFile(chemin, page_checksum_verification=True) as source:
        noms = source.schema_arrow.names
        _verifier(source)
        schema = feuilles.schema(len(noms))
        lignes = ecrites = 1
        with feuilles.ecrire(destination, schema, cle) as sortie:
            sortie.write_batch(
                pa.record_batch([pa.array([1], pa.int64()), *([nom or None] for nom in noms)], schema=schema)
            )
            for lot in source.iter_batches(LOT):
                numeros = pa.array(range(lignes + 1, lignes + 1 + lot.num_rows), pa.int64())
                lignes += lot.num_rows
                colonnes = [en_texte(colonne, nom) for nom, colonne in zip(noms, lot.columns, strict=True)]
                pleines = feuilles.non_vides(colonnes)
                if pleines is not None:
                    numeros, colonnes = numeros.filter(pleines), [colonne.filter(pleines) for colonne in colonnes]
                sortie.write_batch(pa.record_batch([numeros, *colonnes], schema=schema))
                ecrites += len(numeros)
    return ecrites


def _verifier(source: pq.ParquetFile) -> None:
    lignes, colonnes = source.metadata.num_rows, source.metadata.num_columns
    if lignes > LIGNES_MAX or colonnes > feuilles.COLONNES_MAX or lignes * colonnes > CELLULES_MAX:
        raise Refus(
            "classeur_demesure",
            f"Le fichier annonce {lignes} lignes × {colonnes} colonnes : c'est trop pour une table de la campagne.",
            "Vérifiez l'export ; ne gardez que les lignes et les colonnes utiles.",
        )
    for champ in source.schema_arrow:
        if pa.types.is_nested(champ.type) or pa.types.is_union(champ.type):
            raise Refus(
                "colonne_composee",
                f"La colonne « {champ.name} » contient des listes ou des structures, pas des valeurs simples.",
                "Exportez une valeur par cellule.",
                colonne=champ.name,
            )


def en_texte(colonne: pa.Array, nom: str) -> pa.Array:
    """One column as canonical text; empty texts become null. Raises Refus for bytes that are not UTF-8."""
    genre = colonne.type
    if pa.types.is_dictionary(genre):
        return en_texte(colonne.dictionary_decode(), nom)
    if pa.types.is_timestamp(genre):
        texte = _horodatage(colonne, nom)
    elif pa.types.is_floating(genre) or pa.types.is_decimal(genre):
        exacts = colonne if genre == pa.float64() or pa.types.is_decimal(genre) else _doubles(colonne)
        texte = pa.array([None if v is None else feuilles.nombre_en_texte(v) for v in exacts.to_pylist()], pa.string())
    elif pa.types.is_null(genre):
        texte = pa.nulls(len(colonne), pa.string())
    else:
        try:
            texte = colonne.cast(pa.string())
            texte.validate(full=True)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as erreur:
            raise _illisible(nom, genre) from erreur
    return pc.if_else(pc.equal(texte, ""), None, texte)


def _horodatage(colonne: pa.Array, nom: str) -> pa.Array:
    """Local time of the column's own time zone: a day does not change on the way."""
    try:
        texte = pc.strftime(colonne.cast(pa.timestamp("us", colonne.type.tz), safe=False), "%Y-%m-%d %H:%M:%S")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as erreur:  # a time zone that this machine does not know
        raise _illisible(nom, colonne.type) from erreur
    return pc.replace_substring_regex(texte, r"( 00:00:00)?(\.0+)?$", "")


def _doubles(colonne: pa.Array) -> pa.Array:
    """Single-precision numbers by their shortest text: 0.1 stays 0.1 and not 0.100000001."""
    return colonne.cast(pa.float32()).cast(pa.string()).cast(pa.float64())


def _illisible(nom: str, genre: pa.DataType) -> Refus:
    return Refus(
        "colonne_illisible",
        f"La colonne « {nom} » (type {genre}) ne peut pas être lue comme du texte.",
        "Exportez-la en texte UTF-8.",
        colonne=nom,
    )
