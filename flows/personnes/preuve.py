"""Looks for given texts in the bytes of a file, wherever they may hide: inside archives and under encryption."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, Protocol

from cryptography.fernet import MultiFernet

from flows.anomalies import ArretBloquant
from flows.personnes import coffre

BLOC = 8 << 20
RECOUVREMENT = 1 << 10
LONGUEUR_MINIMUM = 6
"""Shorter texts are anywhere by chance: they prove nothing."""
PROFONDEUR = 3
"""Archives in archives that are opened: a workbook, in a zip, in a zip."""
DEPLIE_MIN, RAPPORT_MAX = 128 << 20, 30
"""A file is unfolded up to the first, or to so many times its size: real ones inflate about 15 times, bombs 1000."""
SOUPLES = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ", lzma.open))
CLOS = (b"7z\xbc\xaf'\x1c", b"Rar!", b"(\xb5/\xfd", b"%PDF", b"PAR1", b"\xd0\xcf\x11\xe0")
"""How begin the files whose content may be folded in a way that is not undone here; the last one is a workbook under
a password, or an old one."""
COURRIER = b"content-transfer-encoding: base64"


class Lisible(Protocol):
    """What is read by blocks, forwards."""

    def read(self, taille: int, /) -> bytes: ...


class Ferme(Exception):
    """A file that cannot be searched whole."""


def marqueurs(textes: Collection[str]) -> list[bytes]:
    """What to look for: the texts that are long enough to mean something, as UTF-8 and as UTF-16."""
    assez_longs = sorted({texte for texte in textes if len(texte) >= LONGUEUR_MINIMUM})
    return [texte.encode(codage) for texte in assez_longs for codage in ("utf-8", "utf-16-le")]


def chercher(chemin: Path, nom: str, cherches: Collection[bytes], cle: MultiFernet) -> tuple[bool, bool]:
    """Whether the name or the content of a file has one of `cherches`, and whether all of it could be read.

    Archives (xlsx, docx, zip, gz…) are read part by part, and enciphered files in clear, in memory. What is behind a
    password, damaged, folded otherwise or without end cannot be: the bytes as they are have then been searched.
    """
    try:
        return any(cherche in bloc for bloc in _octets(chemin, nom, cle) for cherche in cherches), True
    except (ArretBloquant, Ferme, OSError, RuntimeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError):
        return False, False


def _octets(chemin: Path, nom: str, cle: MultiFernet) -> Iterator[bytes]:
    yield nom.encode(errors="replace")
    with chemin.open("rb") as flux:
        taille = flux.seek(0, io.SEEK_END)
        yield from _contenu(flux, _Reste(max(DEPLIE_MIN, RAPPORT_MAX * taille)), PROFONDEUR)
        if chemin.suffix == coffre.SUFFIXE:
            clair = coffre.lire(chemin, cle)
            yield from _contenu(io.BytesIO(clair), _Reste(RAPPORT_MAX * len(clair)), PROFONDEUR)


class _Reste:
    """How many bytes may still be unfolded. `prendre` raises Ferme beyond."""

    def __init__(self, octets: int) -> None:
        self.octets = octets

    def prendre(self, octets: int) -> None:
        self.octets -= octets
        if self.octets < 0:
            raise Ferme


def _contenu(flux: IO[bytes], reste: _Reste, profondeur: int) -> Iterator[bytes]:
    """A stream as it is, by blocks, then what is folded in it."""
    flux.seek(0)
    debut = flux.read(BLOC)
    flux.seek(0)
    yield from _blocs(flux)
    if debut.startswith(CLOS) or COURRIER in debut.lower():
        raise Ferme
    for signature, ouvrir in SOUPLES:
        if debut.startswith(signature):
            flux.seek(0)
            with ouvrir(flux) as deplie:
                yield from _partie(deplie, reste, profondeur)
    if zipfile.is_zipfile(flux):
        with zipfile.ZipFile(flux) as archive:
            for membre in archive.infolist():
                yield membre.filename.encode(errors="replace")
                with archive.open(membre) as deplie:
                    yield from _partie(deplie, reste, profondeur)
    elif debut.startswith(b"PK\x03\x04"):  # cut short
        raise Ferme


def _partie(deplie: Lisible, reste: _Reste, profondeur: int) -> Iterator[bytes]:
    """What comes out of an archive, by blocks; kept in memory when it is one itself."""
    fin, tampon = b"", io.BytesIO()
    pliee = None
    while bloc := deplie.read(BLOC):
        reste.prendre(len(bloc))
        yield fin + bloc
        fin = bloc[-RECOUVREMENT:]
        if pliee is None:
            pliee = bloc.startswith((b"PK", *CLOS, *(signature for signature, _ in SOUPLES)))
        if pliee:
            tampon.write(bloc)
    if pliee:
        if not profondeur:
            raise Ferme
        yield from _contenu(tampon, reste, profondeur - 1)


def _blocs(flux: IO[bytes]) -> Iterator[bytes]:
    """A stream by blocks that overlap, so that nothing hides across two of them."""
    fin = b""
    while bloc := flux.read(BLOC):
        yield fin + bloc
        fin = bloc[-RECOUVREMENT:]
