"""The old binary .xls: an OLE2 container (MS-CFB) that holds a stream of records (BIFF, MS-XLS).

Only what the reader does not give is looked at: password, cut stream, merged ranges, formats, links, macros.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from struct import error as ErreurStruct
from struct import iter_unpack, unpack_from

from flows.depot.archives import Refus, abime, protege
from flows.depot.feuilles import CHIFFRES_PERDUS
from flows.depot.reperes import Contenu, Etendue, Reperes, format_utile

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_LIBRE = 0xFFFFFFFA  # sector numbers from here on are marks, not sectors
_BOF, _EOF, _FILEPASS, _FEUILLE, _FORMAT, _XF, _LIENS, _FUSIONS = 0x809, 0x0A, 0x2F, 0x85, 0x41E, 0xE0, 0x1AE, 0xE5
_NOMBRE, _FORMULE, _RK, _MULRK = 0x203, 0x06, 0x27E, 0xBD
_TEXTES = (0x204, 0x205, 0xFD, 0xD6)  # LABEL, BOOLERR, LABELSST, RSTRING
_LIGNE, _PAGE, _GRAPHIQUE = 0x208, 0x42, 0
_SANS_EFFET = b"\xff\x0f"  # a type of record that no version has
_UNICODE = b"\xb0\x04"
_GRAND = 1e15
_INTERNES = (b"\x01\x04", b"\x01\x3a")  # SUPBOOK of the workbook itself, of add-in functions


def examiner(chemin: Path) -> Contenu:
    """What an .xls holds. Raises Refus when it is cut, protected, or not a workbook."""
    try:
        octets = chemin.read_bytes()
        flux, places = _flux(octets)
    except (ErreurStruct, IndexError, ValueError) as erreur:
        raise abime() from erreur
    if "EncryptedPackage" in flux or "EncryptionInfo" in flux:
        raise protege()
    livre = flux.get("Workbook", flux.get("Book"))
    if livre is None:
        raise Refus(
            "format_non_pris_en_charge",
            "Le fichier n'est pas un classeur Excel.",
            "Enregistrez les données en .xlsx, .ods ou .csv et redéposez-les.",
        )
    contenu = Contenu(a_des_macros="_VBA_PROJECT" in flux)
    try:
        corrections = _lire_livre(livre, contenu)
    except (ErreurStruct, IndexError) as erreur:
        raise abime() from erreur
    if corrections:
        contenu.octets = places.corriger(octets, corrections)
    return contenu


@dataclass
class _Places:
    """Where the stream of the workbook is in the file: the offset of each of its sectors."""

    taille: int = 0
    debuts: list[int] = field(default_factory=list)

    def corriger(self, octets: bytes, corrections: dict[int, bytes]) -> bytes:
        """The file with bytes of the stream changed: {offset in the stream: bytes}."""
        corriges = bytearray(octets)
        for rang, nouveaux in corrections.items():
            for i, octet in enumerate(nouveaux, start=rang):
                corriges[self.debuts[i // self.taille] + i % self.taille] = octet
        return bytes(corriges)


def _flux(octets: bytes) -> tuple[dict[str, bytes], _Places]:
    """Streams of the container by name, and the places of the workbook's; only this one is really read."""
    taille = 1 << _entier(octets, 30, "<H")
    mini = 1 << _entier(octets, 32, "<H")
    if taille not in (512, 4096) or mini != 64:
        raise ValueError("sector size")

    def secteur(numero: int) -> bytes:
        debut = (numero + 1) * taille
        if debut >= len(octets):
            raise ValueError("sector beyond the end")
        return octets[debut : debut + taille]

    difat = [n for n in unpack_from("<109I", octets, 76) if n < _LIBRE]
    suivant, tours = _entier(octets, 68), 0
    while suivant < _LIBRE and tours <= len(octets) // taille:
        *numeros, suivant = unpack_from(f"<{taille // 4}I", secteur(suivant))
        difat += [n for n in numeros if n < _LIBRE]
        tours += 1
    fat = [n for numero in difat for (n,) in iter_unpack("<I", secteur(numero))]

    def chaine(numero: int, table: list[int]) -> Iterator[int]:
        for _ in table:
            if numero >= _LIBRE:
                return
            yield numero
            numero = table[numero]
        if numero < _LIBRE:
            raise ValueError("loop of sectors")

    def lire(numero: int) -> bytes:
        return b"".join(secteur(n) for n in chaine(numero, fat))

    repertoire = lire(_entier(octets, 48))
    entrees = [repertoire[i : i + 128] for i in range(0, len(repertoire) - 127, 128)]
    mini_fat = [n for (n,) in iter_unpack("<I", lire(_entier(octets, 60)))] if _entier(octets, 60) < _LIBRE else []
    flux, places = {}, _Places()
    for entree in entrees:
        nom = entree[: max(_entier(entree, 64, "<H") - 2, 0)].decode("utf-16-le", "replace")
        debut, longueur = _entier(entree, 116), _entier(entree, 120)
        flux[nom] = b""
        if nom in ("Workbook", "Book"):
            if longueur < _entier(octets, 56):
                grands = [(n + 1) * taille for n in chaine(_entier(entrees[0], 116), fat)]
                places = _Places(
                    mini, [grands[n * mini // taille] + n * mini % taille for n in chaine(debut, mini_fat)]
                )
            else:
                places = _Places(taille, [(n + 1) * taille for n in chaine(debut, fat)])
            flux[nom] = b"".join(octets[d : d + places.taille] for d in places.debuts)[:longueur]
            if len(flux[nom]) < longueur:
                raise ValueError("stream cut")
    return flux, places


def _entier(octets: bytes, rang: int, forme: str = "<I") -> int:
    return int(unpack_from(forme, octets, rang)[0])


def _enregistrements(livre: bytes, debut: int) -> Iterator[tuple[int, int, bytes]]:
    """(offset, type, data) of the records from `debut` to the end of this substream.

    Those of an embedded chart, which look like cells, have the type 0: what they hold is not in the sheet.
    """
    rang, profondeur = debut, 0
    while True:
        genre, longueur = unpack_from("<HH", livre, rang)
        donnees = livre[rang + 4 : rang + 4 + longueur]
        if len(donnees) < longueur:
            raise IndexError
        profondeur += genre == _BOF
        yield rang, genre if profondeur <= 1 else _GRAPHIQUE, donnees
        profondeur -= genre == _EOF
        if profondeur <= 0:
            return
        rang += 4 + longueur


def _lire_livre(livre: bytes, contenu: Contenu) -> dict[int, bytes]:
    """Fills `contenu`; gives what to change for a reader that takes charts for cells and BIFF8 for 8 bits texts."""
    corrections: dict[int, bytes] = {}
    feuilles: list[tuple[str, int]] = []
    codes = {9: "0%", 10: "0.00%"}
    styles: list[int] = []
    biff8 = _entier(livre, 4, "<H") == 0x600
    for rang, genre, donnees in _enregistrements(livre, 0):
        if genre == _FILEPASS:
            raise protege()
        if genre == _FEUILLE and donnees[5] == 0:
            feuilles.append((_texte(donnees[6:], biff8, court=True), _entier(donnees, 0)))
        elif genre == _PAGE and biff8 and donnees[:2] != _UNICODE:
            corrections[rang + 4] = _UNICODE
        elif genre == _FORMAT:
            codes[_entier(donnees, 0, "<H")] = _texte(donnees[2:], biff8, court=not biff8)
        elif genre == _XF:
            styles.append(_entier(donnees, 2, "<H"))
        elif genre == _LIENS and donnees[2:4] not in _INTERNES:
            contenu.a_des_liens = True
            contenu.a_du_dde = contenu.a_du_dde or b"\x03" in donnees[4:]
    formats = {rang: utile for rang, numero in enumerate(styles) if (utile := format_utile(codes.get(numero, "")))}
    for nom, debut in feuilles:
        contenu.feuilles[nom] = _lire_feuille(livre, nom, debut, formats, corrections)
    return corrections


def _lire_feuille(
    livre: bytes, nom: str, debut: int, formats: dict[int, str], corrections: dict[int, bytes]
) -> Reperes:
    reperes, etendue = Reperes(), Etendue()
    masquees, remplies = set(), set()
    for rang, genre, donnees in _enregistrements(livre, debut):
        if genre == _GRAPHIQUE:
            corrections[rang] = _SANS_EFFET
        elif genre == _LIGNE and donnees[12] & 0x20:
            masquees.add(_entier(donnees, 0, "<H"))
        elif genre == _FUSIONS:
            lues = iter_unpack("<4H", donnees[2 : 2 + 8 * _entier(donnees, 0, "<H")])
            plages = ((h + 1, g + 1, b + 1, d + 1) for h, b, g, d in lues if (h, g) != (b, d))
            reperes.fusionner(plages, nom)
        elif genre in (_NOMBRE, _FORMULE, _RK) or genre in _TEXTES:
            ligne, colonne, style = unpack_from("<3H", donnees)
            etendue.voir(ligne + 1, colonne + 1)
            remplies.add(ligne)
            if genre == _NOMBRE and abs(unpack_from("<d", donnees, 6)[0]) >= _GRAND:
                reperes.textes[ligne + 1, colonne + 1] = CHIFFRES_PERDUS
            elif style in formats and genre not in _TEXTES:
                reperes.formats[ligne + 1, colonne + 1] = formats[style]
        elif genre == _MULRK:
            ligne, colonne = unpack_from("<2H", donnees)
            remplies.add(ligne)
            for i, (style, _) in enumerate(iter_unpack("<HI", donnees[4:-2]), start=colonne + 1):
                etendue.voir(ligne + 1, i)
                if style in formats:
                    reperes.formats[ligne + 1, i] = formats[style]
    reperes.lignes_masquees = len(masquees & remplies)
    etendue.verifier(nom)
    return reperes


def _texte(octets: bytes, biff8: bool, court: bool) -> str:
    """A string of BIFF: its length on one byte (`court`) or two, then in BIFF8 a byte that says 8 or 16 bits."""
    longueur, reste = (octets[0], octets[1:]) if court else (_entier(octets, 0, "<H"), octets[2:])
    if not biff8:
        return reste[:longueur].decode("cp1252", "replace")
    if reste[:1] and reste[0] & 1:
        return reste[1 : 1 + 2 * longueur].decode("utf-16-le", "replace")
    return reste[1 : 1 + longueur].decode("latin-1")
