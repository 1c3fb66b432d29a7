"""Work files that hold personal data: ciphertext on the disk, under a key that only ever exists in memory.

A run killed at any moment leaves bytes that nobody can read again. AES-256-GCM, one random nonce a block.
"""

import os
import struct
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BLOC = 4 << 20
_NONCE = 12
_TAILLE = struct.Struct(">I")


def nouvelle_cle() -> bytes:
    """A key for one run, never written anywhere."""
    return AESGCM.generate_key(256)


class FluxScelle:
    """A file being written (as pyarrow wants one): what it is given goes to the disk enciphered, block by block."""

    def __init__(self, chemin: Path, cle: bytes) -> None:
        self.closed = False
        self._chiffre = AESGCM(cle)
        self._attente = bytearray()
        self._position = 0
        self._flux = chemin.open("wb")

    def write(self, octets: bytes) -> int:
        """Takes all of `octets`."""
        self._attente += octets
        self._position += len(octets)
        while len(self._attente) >= BLOC:
            self._sceller(bytes(self._attente[:BLOC]))
            del self._attente[:BLOC]
        return len(octets)

    def tell(self) -> int:
        """Bytes taken so far."""
        return self._position

    def flush(self) -> None:
        """Nothing leaves before a whole block, or the end."""

    def close(self) -> None:
        """Writes what was waiting; a second call does nothing."""
        if not self.closed:
            self.closed = True
            self._sceller(bytes(self._attente))
            self._flux.close()

    def _sceller(self, bloc: bytes) -> None:
        nonce = os.urandom(_NONCE)
        chiffre = self._chiffre.encrypt(nonce, bloc, None)
        self._flux.write(nonce + _TAILLE.pack(len(chiffre)) + chiffre)


def lire(chemin: Path, cle: bytes) -> bytes:
    """What a `FluxScelle` was given. Raises cryptography.exceptions.InvalidTag for another key or altered bytes."""
    chiffre = AESGCM(cle)
    clair = bytearray()
    with chemin.open("rb") as flux:
        while nonce := flux.read(_NONCE):
            (taille,) = _TAILLE.unpack(flux.read(_TAILLE.size))
            clair += chiffre.decrypt(nonce, flux.read(taille), None)
    return bytes(clair)
