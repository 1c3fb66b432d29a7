"""Cells of an .xlsx that do not say where they are: `r="B7"` is optional, and then cells are counted."""

import re

from flows.depot.feuilles import adresse, lettres

_BALISE = re.compile(rb"<((?:\w+:)?)(row|c)(?=[\s/>])((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_REFERENCE = re.compile(rb"""\br=["']([A-Z]*\d+)["']""")
_SANS_REFERENCE = re.compile(rb"<(?:\w+:)?(?:c|row)(?=[\s/>])(?![^>]*?\sr=)")


class Adressage:
    """Where the reading of a sheet is; pieces of it must end between two rows."""

    def __init__(self) -> None:
        self._ligne = self._colonne = 0

    def completer(self, texte: bytes) -> bytes:
        """The same piece, every row and cell with its `r`; as it is when none lacks it."""
        if _SANS_REFERENCE.search(texte) is None:
            self._retenir(texte)
            return texte
        return _BALISE.sub(self._adresser, texte)

    def _retenir(self, texte: bytes) -> None:
        """The last row of a piece whose rows all have their number: those that follow may have none."""
        debut = max(texte.rfind(b"<row"), texte.rfind(b":row "))
        if debut >= 0 and (reference := _REFERENCE.search(texte, debut)) and reference[1].isdigit():
            self._ligne = int(reference[1])

    def _adresser(self, balise: re.Match[bytes]) -> bytes:
        prefixe, nom, attributs = balise.groups()
        reference = _REFERENCE.search(attributs)
        if nom == b"row":
            self._ligne, self._colonne = (int(reference[1]) if reference else self._ligne + 1), 0
            return balise[0] if reference else b'<%brow r="%d"%b>' % (prefixe, self._ligne, attributs)
        if reference:
            self._colonne = adresse(reference[1].decode())[1]
            return balise[0]
        self._colonne += 1
        return b'<%bc r="%b%d"%b>' % (prefixe, lettres(self._colonne).encode(), self._ligne, attributs)
