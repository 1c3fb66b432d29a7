"""Numbers, dates and plurals as a French reader expects them, whatever the machine's locale."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, parse_pattern

MAXIMUM = 6
_LOCALE = Locale("fr")
_CONTEXTE = Context(prec=60, rounding=ROUND_HALF_UP)
_INSECABLE = "\u00a0"

Nombre = Decimal | int | float


def arrondi(valeur: Nombre, decimales: int) -> Decimal:
    """`valeur` with exactly `decimales` decimals, half up (away from zero), for show only."""
    exact = valeur if isinstance(valeur, Decimal) else Decimal(str(valeur))
    return exact.quantize(Decimal(1).scaleb(-decimales), context=_CONTEXTE)


@lru_cache(maxsize=65536)
def decimales_utiles(valeur: Nombre, maximum: int = MAXIMUM) -> int:
    """Number of decimals needed to write `valeur` without trailing zeros, at most `maximum`."""
    if isinstance(valeur, int):
        return 0
    _, _, decimales = f"{arrondi(valeur, maximum):f}".partition(".")
    return len(decimales.rstrip("0"))


@lru_cache
def _motif(decimales: int) -> NumberPattern:
    return parse_pattern("#,##0" + ("." + "0" * decimales if decimales else ""))


@lru_cache(maxsize=65536)
def nombre(valeur: Nombre | None, decimales: int | None = None) -> str:
    """`1234.5` → `1 234,5`; without `decimales`, as many as needed up to six. None → `non fourni`."""
    if valeur is None:
        return "non fourni"
    chiffres = decimales_utiles(valeur) if decimales is None else decimales
    return str(_motif(chiffres).apply(arrondi(valeur, chiffres), _LOCALE))


def lisible(valeur: Nombre | None, decimales: int | None = None) -> str:
    """As `nombre`, in a sentence: without `decimales`, two of them at most (no thousandth of a dwelling)."""
    return nombre(valeur) if valeur is None else nombre(valeur, lisibles(valeur) if decimales is None else decimales)


@lru_cache(maxsize=65536)
def lisibles(valeur: Nombre, maximum: int = 2) -> int:
    """`maximum` decimals at most, more when they would show nothing of a value that is not zero."""
    chiffres = decimales_utiles(valeur, maximum)
    return chiffres if chiffres or arrondi(valeur, 0) else decimales_utiles(valeur)


def par_an(valeur: Nombre) -> str:
    """What a part of a dwelling a year means: `0.18` → `environ un logement tous les 5 ans`; else an empty text."""
    if not 0 < valeur < 1:
        return ""
    annees = int(arrondi(1 / Decimal(str(valeur)), 0))
    return "presque un logement par an" if annees < 2 else f"environ un logement tous les {annees} ans"


def pourcent(valeur: Nombre | None, decimales: int | None = None) -> str:
    """`12.5` (percent) → `12,5 %`. None → `non fourni`."""
    return nombre(valeur) if valeur is None else nombre(valeur, decimales) + _INSECABLE + "%"


def jour(valeur: date | None) -> str:
    """`2025-12-31` → `31/12/2025`. None → an empty text."""
    return "" if valeur is None else f"{valeur.day:02d}/{valeur.month:02d}/{valeur.year:04d}"


def accord(valeur: Nombre | None, singulier: str, pluriel: str = "") -> str:
    """`12, "logement"` → `12 logements`: in French the plural begins at two."""
    if valeur is None:
        return f"nombre de {pluriel or singulier + 's'} non fourni"
    mot = singulier if -2 < valeur < 2 else pluriel or singulier + "s"
    return f"{lisible(valeur)}{_INSECABLE}{mot}"


def liste(mots: Iterable[str]) -> str:
    """`a, b et c`."""
    *debut, fin = list(mots) or [""]
    return f"{', '.join(debut)} et {fin}" if debut else fin


def typographie(texte: str) -> str:
    """Keeps `« »`, `:`, `;`, `!` and `?` on the line of the word that they belong to."""
    return re.sub(r" (?=[»:;!?])|(?<=«) ", _INSECABLE, texte)


def ascii_minuscule(texte: str) -> str:
    """`Période de construction` → `periode_de_construction`: for anchors and names of Excel tables."""
    sans_accent = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", sans_accent.lower()).strip("_")
