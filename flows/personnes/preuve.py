"""Looks for given texts in the bytes of a file, wherever they may hide: inside an archive and under encryption."""

import io
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from cryptography.fernet import MultiFernet

from flows.anomalies import ArretBloquant
from flows.personnes import coffre

BLOC = 32 << 20
RECOUVREMENT = 1 << 10
LONGUEUR_MINIMUM = 6
"""Shorter texts are anywhere by chance: they prove nothing."""


def marqueurs(textes: Collection[str]) -> list[bytes]:
    """What to look for: the texts that are long enough to mean something, as UTF-8 and as UTF-16."""
    assez_longs = sorted({texte for texte in textes if len(texte) >= LONGUEUR_MINIMUM})
    return [texte.encode(codage) for texte in assez_longs for codage in ("utf-8", "utf-16-le")]


def chercher(chemin: Path, cherches: Collection[bytes], cle: MultiFernet) -> tuple[bool, bool]:
    """Whether the name or the content of a file has one of `cherches`, and whether all of it could be read.

    Archives (xlsx, docx, zip…) are read part by part, and enciphered files in clear, in memory. What is behind a
    password, or damaged, cannot be: the bytes as they are have then been searched.
    """
    try:
        return any(cherche in bloc for bloc in _octets(chemin, cle) for cherche in cherches), True
    except (ArretBloquant, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        return False, False


def _octets(chemin: Path, cle: MultiFernet) -> Iterator[bytes]:
    yield chemin.name.encode()
    yield from _blocs(chemin)
    if zipfile.is_zipfile(chemin):
        with zipfile.ZipFile(chemin) as archive:
            yield from map(archive.read, archive.namelist())
    if chemin.suffix == coffre.SUFFIXE:
        clair = io.BytesIO(coffre.lire(chemin, cle))
        yield clair.getvalue()
        with zipfile.ZipFile(clair) as archive:
            yield from map(archive.read, archive.namelist())


def _blocs(chemin: Path) -> Iterator[bytes]:
    """The file by blocks that overlap, so that nothing hides across two of them."""
    fin = b""
    with chemin.open("rb") as flux:
        while bloc := flux.read(BLOC):
            yield fin + bloc
            fin = bloc[-RECOUVREMENT:]
