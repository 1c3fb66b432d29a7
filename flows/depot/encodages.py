"""What encoding a text file is in, from its bytes; and the file as UTF-8 whatever it is, block by block."""

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from flows.anomalies import Anomalie, Gravite

BLOC = 1 << 20
LETTRES_JUGEES = 1_000  # accented letters looked at to tell Windows from DOS
_MARQUES = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# The five bytes that Windows-1252 leaves undefined are read as ISO-8859-1, and reported.
_INDEFINIS = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_CP1252 = "".join(chr(octet) if octet in _INDEFINIS else bytes((octet,)).decode("cp1252") for octet in range(256))
# In 0x80-0x9F, cp850 and Mac Roman have é, è, à… where cp1252 has signs that stand apart, but for ’ œ Œ š ž.
_LETTRE_ETRANGERE = re.compile(rb"[A-Za-z][\x81-\x84\x86-\x8b\x8d\x8e\x90\x98\x99\x9b\x9d]|[\x82\x8a\x8e\x90][A-Za-z]")
_LETTRE_CP1252 = re.compile(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][A-Za-z]")
# What is cp1252 that happens to be valid UTF-8: a letter that ends a French word, then signs. "cité »", with its
# no-break space, is one Chinese character. Every other character of several bytes proves UTF-8: é, but also ✔, ≈, 😀.
_SIGNES = rb"[\x80\x85\x92-\x94\x96\x97\xa0\xab\xbb]"
_FIN_DE_MOT_CP1252 = re.compile(rb"[\xe0\xe8-\xeb\xef]" + _SIGNES + rb"{2}|[\xc8-\xcb]" + _SIGNES)
_CARACTERE = re.compile(rb"[\xc2-\xf4]")
_INVALIDES = re.compile("[\udc80-\udcff]")
_VALIDES = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")
# A "?" inside a word is a lost accent; the literal comes first in the pattern to keep the search fast.
_INTERROGATION = re.compile(rb"\?(?<=[A-Za-z]\?)[A-Za-z]")
_PERDU = "\ufffd".encode()
# é, è, à… written in UTF-8, read as cp1252 and written again.
_UTF7 = re.compile(rb"\+A[M-P][A-Za-z0-9+/]-")
_DOUBLE = re.compile("Ã[\u00a0©¨ª«§´®¯¢»¹‰€]".encode())


@dataclass(frozen=True)
class Encodage:
    """`nom` is a codec of Python; `marque` the length in bytes of the byte order mark at the head of the file."""

    nom: str
    marque: int = 0

    @property
    def affiche(self) -> str:
        """What the report says: `utf-8`, `utf-8-sig` (with a mark), `utf-16-le`, `utf-16-be`, `cp1252`."""
        return "utf-8-sig" if self.nom == "utf-8" and self.marque else self.nom


def reconnaitre(fichier: str, chemin: Path) -> tuple[Encodage | None, list[Anomalie]]:
    """Encoding of a text file and what is to be said of it; None when it cannot be read (a blocking anomaly says why).

    UTF-8 when every byte agrees, UTF-16 by its mark or its zeros, else Windows-1252.
    """
    with chemin.open("rb") as flux:
        tete = flux.read(BLOC)
    encodage = next((Encodage(nom, len(m)) for m, nom in _MARQUES if tete.startswith(m)), None)
    if len(tete) < BLOC and not tete[encodage.marque if encodage else 0 :].strip():
        return None, [_bloquant(fichier, "fichier_vide", "Le fichier est vide.", "Déposez le fichier complet.")]
    encodage = encodage or Encodage(_utf16_sans_marque(tete) or "utf-8")
    return (_examiner_utf8 if encodage.nom == "utf-8" else _examiner_utf16)(fichier, chemin, encodage)


class FluxUtf8:
    """A text file as UTF-8 bytes, without its mark and followed by `fin`; counts what passes. For pyarrow and csv.

    `serre` is the separator after which blanks before a quote go: `a; "b"` is `a;"b"`.
    After the end: `sauts` line breaks (of which `lignes` LF and `retours` CR, two in a CR LF), `finit_par_saut`, and
    `constats`: what was seen → (how many, line of the first).
    """

    def __init__(self, chemin: Path, encodage: Encodage, fin: str = "", serre: str = "") -> None:
        self.closed = False
        self.sauts = self.lignes = self.retours = 0
        self.finit_par_saut = True
        self.constats: dict[str, tuple[int, int]] = {}
        self._fin = fin.encode()
        self._serre = re.compile(b"(" + re.escape(serre.encode()) + rb') +(")') if serre else None
        self._en_attente = b""
        self._encodage = encodage
        self._decodeur = None if encodage.nom in ("utf-8", "cp1252") else codecs.getincrementaldecoder(encodage.nom)()
        self._reste = b""
        self._retour = False
        self._flux = chemin.open("rb")
        self._flux.seek(encodage.marque)

    def read(self, taille: int = -1) -> bytes:
        """At most `taille` bytes, b"" at the end."""
        while not self.closed and (taille < 0 or len(self._reste) < taille):
            lu = self._flux.read(taille if taille > 0 else BLOC)
            if not lu:
                self._reste += self._en_attente
                self._reste += self._fin if self.finit_par_saut or not self._fin else b"\n" + self._fin
                self.close()
                break
            bloc = self._en_utf8(lu)
            self._constater(bloc)
            self._reste += bloc if self._serre is None else self._serrer(bloc, self._serre)
        rendu, self._reste = (self._reste, b"") if taille < 0 else (self._reste[:taille], self._reste[taille:])
        return rendu

    def close(self) -> None:
        """Closes the file; what was read of it can still be taken."""
        self.closed = True
        self._flux.close()

    def _serrer(self, bloc: bytes, motif: re.Pattern[bytes]) -> bytes:
        """The block without blanks before quotes; the end of it waits when the next block may begin with the quote."""
        bloc = self._en_attente + bloc
        sur = len(bloc.rstrip(b" ")) - 1
        self._en_attente, bloc = bloc[max(sur, 0) :], bloc[: max(sur, 0)]
        return motif.sub(rb"\1\2", bloc)

    def _en_utf8(self, octets: bytes) -> bytes:
        if self._decodeur is not None:
            return self._decodeur.decode(octets).encode()
        if self._encodage.nom == "cp1252" and not octets.isascii():
            return codecs.charmap_decode(octets, "strict", _CP1252)[0].encode()
        return octets

    def _constater(self, bloc: bytes) -> None:
        # one byte is looked for a hundred times faster than two
        for nom, rare, motif in (("?", b"?", _INTERROGATION), ("double", b"\x83", _DOUBLE)):
            if rare in bloc and (trouve := motif.search(bloc)):
                self._noter(nom, len(motif.findall(bloc)), bloc, trouve.start())
        if b"+" in bloc and b"+A" in bloc and (trouve := _UTF7.search(bloc)):
            self._noter("utf7", len(_UTF7.findall(bloc)), bloc, trouve.start())
        for nom, octets in (("perdu", _PERDU), ("egal", b'="'), ("diese", b"#")):
            if octets[:1] not in bloc or (nom == "diese" and nom in self.constats):
                continue
            if nombre := bloc.count(octets):
                self._noter(nom, nombre, bloc, bloc.find(octets))
        if bloc:
            lignes, retours, doubles = _compter(bloc)
            self.lignes, self.retours = self.lignes + lignes, self.retours + retours
            self.sauts += lignes + retours - doubles - (self._retour and bloc.startswith(b"\n"))
            self._retour = bloc.endswith(b"\r")
            self.finit_par_saut = bloc.endswith((b"\n", b"\r"))

    def _noter(self, nom: str, nombre: int, bloc: bytes, rang: int) -> None:
        deja, ligne = self.constats.get(nom, (0, 0))
        self.constats[nom] = (deja + nombre, ligne or self.sauts + _sauts(bloc[:rang]) + 1)


def anomalies_du_texte(fichier: str, flux: FluxUtf8) -> list[Anomalie]:
    """What a whole reading saw of damaged accents: nothing is changed, the user decides."""
    dites = (
        ("perdu", "le caractère de remplacement « \ufffd » à la place d'une lettre accentuée"),
        ("?", "un « ? » au milieu d'un mot, sans doute une lettre accentuée perdue"),
        ("double", "des accents doublement encodés (« Ã© » pour « é »)"),
        ("utf7", "un accent écrit en UTF-7 (« +AOk- » pour « é »)"),
    )
    return [
        Anomalie(
            Gravite.AVERTISSEMENT,
            "accents_perdus",
            f"Le fichier contient {flux.constats[nom][0]} fois {texte}. Les valeurs sont gardées telles quelles.",
            "Redemandez le fichier en UTF-8, ou vérifiez que les libellés touchés ne servent pas.",
            fichier,
            ligne=flux.constats[nom][1],
        )
        for nom, texte in dites
        if nom in flux.constats
    ]


def _sauts(octets: bytes) -> int:
    """Line breaks: LF, CR LF or CR alone."""
    lignes, retours, doubles = _compter(octets)
    return lignes + retours - doubles


def _sauts_avant(chemin: Path, encodage: Encodage, fin: int) -> int:
    """Line breaks of a file before a place, in bytes."""
    with chemin.open("rb") as flux:
        flux.seek(encodage.marque)
        return sum(_sauts(bloc) for bloc in iter(lambda: flux.read(min(BLOC, fin - flux.tell())), b""))


def _compter(octets: bytes) -> tuple[int, int, int]:
    """How many LF, CR, and CR LF."""
    if b"\r" not in octets:
        return octets.count(b"\n"), 0, 0
    return octets.count(b"\n"), octets.count(b"\r"), octets.count(b"\r\n")


def _utf16_sans_marque(tete: bytes) -> str | None:
    """Western text in UTF-16 has a zero in one byte out of two."""
    moitie = max(len(tete) // 2, 1)
    pairs, impairs = tete[0::2].count(0) / moitie, tete[1::2].count(0) / moitie
    if impairs > 0.7 and pairs < 0.05:
        return "utf-16-le"
    return "utf-16-be" if pairs > 0.7 and impairs < 0.05 else None


def _examiner_utf8(fichier: str, chemin: Path, encodage: Encodage) -> tuple[Encodage | None, list[Anomalie]]:
    plausible = bool(encodage.marque)
    autres = False
    reste = b""
    with chemin.open("rb") as flux:
        flux.seek(encodage.marque)
        while bloc := flux.read(BLOC):
            if 0 in bloc:
                rang = flux.tell() - len(bloc) + bloc.index(0)
                return None, [_nul(fichier, _sauts_avant(chemin, encodage, rang) + 1)]
            if reste or not bloc.isascii():
                entiers, reste = _entiers(reste + bloc)
                if not _est_utf8(entiers):
                    return _examiner_autre(fichier, chemin, encodage)
                plausible = plausible or _preuves(entiers) > 0
                autres = True
    if reste or (autres and not plausible):
        return _examiner_autre(fichier, chemin, encodage)
    return encodage, []


def _entiers(octets: bytes) -> tuple[bytes, bytes]:
    """The bytes, but for those of a character that their end cuts, which come apart."""
    for rang in range(len(octets) - 1, max(len(octets) - 4, -1), -1):
        if octets[rang] >= 0xC0:
            attendus = 2 if octets[rang] < 0xE0 else 3 if octets[rang] < 0xF0 else 4
            return (octets[:rang], octets[rang:]) if attendus > len(octets) - rang else (octets, b"")
        if octets[rang] < 0x80:
            break
    return octets, b""


def _preuves(octets: bytes) -> int:
    """How many characters of valid UTF-8 could not be cp1252."""
    return len(_CARACTERE.findall(_FIN_DE_MOT_CP1252.sub(b"", octets)))


def _est_utf8(octets: bytes) -> bool:
    """As `bytes.decode` says, twenty times faster."""
    bornes = pa.array([0, len(octets)], pa.int64()).buffers()[1]
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, bornes, pa.py_buffer(octets)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _examiner_autre(fichier: str, chemin: Path, encodage: Encodage) -> tuple[Encodage | None, list[Anomalie]]:
    """A file that is not UTF-8 throughout: cut at its end, a mixture, or Windows-1252."""
    decodeur = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    valides = invalides = sauts = premiere = 0
    constats: Counter[str] = Counter()
    with chemin.open("rb") as flux:
        flux.seek(encodage.marque)
        while bloc := flux.read(BLOC):
            if 0 in bloc:
                return None, [_nul(fichier, sauts + _sauts(bloc[: bloc.index(0)]) + 1)]
            texte = decodeur.decode(bloc)
            mauvais = len(_INVALIDES.findall(texte))
            valides += _preuves("".join(_VALIDES.findall(texte)).encode())
            if mauvais and not premiere:
                premiere = sauts + _sauts(_INVALIDES.split(texte, maxsplit=1)[0].encode()) + 1
            invalides += mauvais
            if constats["etrangeres"] + constats["francaises"] < LETTRES_JUGEES:
                constats["etrangeres"] += len(_LETTRE_ETRANGERE.findall(bloc))
                constats["francaises"] += len(_LETTRE_CP1252.findall(bloc))
            constats["indefinis"] += sum(bloc.count(octet) for octet in _INDEFINIS)
            sauts += _sauts(bloc)
    if not invalides and (valides or encodage.marque):
        return None, [_tronque(fichier, sauts + 1)]
    if encodage.marque or valides * 10 > invalides:
        return None, [_melange(fichier, premiere, invalides)]
    return Encodage("cp1252"), _dire_cp1252(
        fichier, constats["etrangeres"] > constats["francaises"], constats["indefinis"]
    )


def _examiner_utf16(fichier: str, chemin: Path, encodage: Encodage) -> tuple[Encodage | None, list[Anomalie]]:
    decodeur = codecs.getincrementaldecoder(encodage.nom)()
    sauts = 0
    with chemin.open("rb") as flux:
        flux.seek(encodage.marque)
        try:
            while bloc := flux.read(BLOC):
                texte = decodeur.decode(bloc)
                if "\0" in texte:
                    return None, [_nul(fichier, sauts + texte[: texte.index("\0")].count("\n") + 1)]
                sauts += texte.count("\n")
            decodeur.decode(b"", final=True)
        except UnicodeDecodeError:
            return None, [_tronque(fichier, sauts + 1)]
    return encodage, [_information(fichier, "UTF-16")]


def _information(fichier: str, nom: str) -> Anomalie:
    return Anomalie(
        Gravite.INFORMATION,
        "encodage_detecte",
        f"Le fichier n'est pas en UTF-8 mais en {nom} : il est lu comme tel.",
        "Rien à faire ; préférez « CSV UTF-8 » à l'enregistrement.",
        fichier,
        valeur=nom,
    )


def _dire_cp1252(fichier: str, douteux: bool, indefinis: int) -> list[Anomalie]:
    dites = [_information(fichier, "Windows-1252")]
    if douteux or indefinis:
        raison = (
            "les accents y paraissent venir de DOS (cp850) ou de Mac"
            if douteux
            else f"{indefinis} octets n'existent pas dans cet encodage"
        )
        dites.append(
            Anomalie(
                Gravite.AVERTISSEMENT,
                "encodage_douteux",
                f"Le fichier est lu en Windows-1252, mais {raison} : des lettres accentuées peuvent être fausses.",
                "Refaites l'export en « CSV UTF-8 ».",
                fichier,
            )
        )
    return dites


def _bloquant(fichier: str, code: str, message: str, correction: str, ligne: int | None = None) -> Anomalie:
    return Anomalie(Gravite.BLOQUANT, code, message, correction, fichier, ligne=ligne)


def _nul(fichier: str, ligne: int) -> Anomalie:
    return _bloquant(
        fichier,
        "octet_nul",
        f"Le fichier n'est pas un texte : octet nul à la ligne {ligne} (fichier abîmé ou d'un autre format).",
        "Redéposez le fichier d'origine, en CSV, Excel, LibreOffice ou Parquet.",
        ligne,
    )


def _tronque(fichier: str, ligne: int) -> Anomalie:
    return _bloquant(
        fichier,
        "fichier_tronque",
        f"Le fichier s'arrête au milieu d'un caractère (ligne {ligne}) : il est tronqué ou abîmé.",
        "Redemandez le fichier complet ou refaites l'export.",
        ligne,
    )


def _melange(fichier: str, ligne: int, nombre: int) -> Anomalie:
    return _bloquant(
        fichier,
        "encodage_melange",
        f"Le fichier mêle l'UTF-8 et un autre encodage : {nombre} octets illisibles, le premier à la ligne {ligne}. "
        "Le lire donnerait des libellés faux.",
        "Réenregistrez le fichier entier en « CSV UTF-8 » ; s'il réunit plusieurs fichiers, redéposez-les séparément.",
        ligne,
    )
