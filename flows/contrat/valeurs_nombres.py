"""One cell of text → a canonical number: `1 234,50` → `1234.5`. Exact decimals, never a float."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from flows.contrat.valeurs import VIDE, Valeur, erreur_de_tableur, est_vide, nettoyer, refuser

_NOMBRE = re.compile(r"-?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MILLIERS = re.compile(r"-?[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")
_POINT_AMBIGU = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_ENTIER_AMBIGU = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
_ORDINAL = re.compile(r"([0-9]+) ?(?:er|re|ere|ère|e|eme|ème|nd|nde)")
_CHIFFRES_ENTIERS_MAX = 8  # beyond, no number of dwellings; what is less is computed without overflow
_DECIMALES_MAX = 18
DECIMALES = 6
"""What the warehouse keeps of a number; a rate with more is refused (contract, « In »)."""
_ECRAN = Context(prec=15)
"""A workbook stores binary floats; what its reader sees has 15 digits."""


def lire_decimal(texte: str, source_numerique: bool = False) -> Valeur:
    """Decimal number: decimal comma or point, any kind of space between thousands, scientific notation.

    Beyond six decimals it is rounded, half up, and said. `1.234` is refused as ambiguous unless the source holds
    numbers (`source_numerique`: parquet, number cell).
    """
    valeur = _lire(nettoyer(texte), source_numerique)
    if valeur.canonique is None or _decimales(Decimal(valeur.canonique)) <= DECIMALES:
        return valeur
    arrondi = _canonique(Decimal(valeur.canonique).quantize(Decimal(1).scaleb(-DECIMALES), ROUND_HALF_UP))
    return Valeur(arrondi, reparation=f"lu {arrondi.replace('.', ',')} : arrondi à {DECIMALES} décimales")


def lire_entier(texte: str, source_numerique: bool = False) -> Valeur:
    """Whole number: `12,0` → `12`; `1.234` and `1,234` are refused as ambiguous; `2e` of a rank is 2."""
    propre = nettoyer(texte)
    if not source_numerique and _ENTIER_AMBIGU.fullmatch(propre):
        return refuser("nombre ambigu : séparateur de milliers ou de décimales")
    ordinal = _ORDINAL.fullmatch(propre.casefold())
    valeur = lire_decimal(ordinal[1] if ordinal else propre, source_numerique)
    if valeur.canonique is None:
        return valeur
    if "." in valeur.canonique:
        return refuser("nombre entier attendu")
    return valeur._replace(reparation=f"lu « {valeur.canonique} »") if ordinal else valeur


def lire_positif(texte: str, source_numerique: bool = False) -> Valeur:
    """Decimal number that cannot be negative: a number of dwellings."""
    valeur = lire_decimal(texte, source_numerique)
    if valeur.canonique is not None and Decimal(valeur.canonique) < 0:
        return refuser("nombre négatif")
    return valeur


def lire_pourcentage(texte: str, source_numerique: bool = False) -> Valeur:
    """Rate in percent, with or without its sign: `13,55 %` → `13.55`. Never negative; under 1 or over 100: doubted.

    `10.125` is not ambiguous here: a rate has no thousands. More than six decimals are refused: 49,9999999 is not 50.
    """
    propre = nettoyer(texte)
    sans_signe = propre.removesuffix("%").rstrip()
    valeur = _lire(sans_signe, source_numerique or _POINT_AMBIGU.fullmatch(sans_signe) is not None)
    if valeur.canonique is None:
        return valeur
    taux = Decimal(valeur.canonique)
    if taux < 0:
        return refuser("un taux n'est pas négatif")
    if _decimales(taux) > DECIMALES:
        return refuser(f"un taux a {DECIMALES} décimales au plus : écrivez celui de la convention")
    if taux > 100 or (0 < taux < 1 and not propre.endswith("%")):
        francais = valeur.canonique.replace(".", ",")
        return valeur._replace(reparation=f"lu {francais} % : taux inhabituel (13,55 % s'écrit 13,55, et non 0,1355)")
    return valeur


def _lire(propre: str, source_numerique: bool) -> Valeur:
    """The number as it is written, all its decimals kept."""
    refus = erreur_de_tableur(propre)
    if refus or est_vide(propre):
        return refus or VIDE
    nombre = _nombre(propre, source_numerique)
    return refuser(nombre) if isinstance(nombre, str) else Valeur(_canonique(nombre))


def _decimales(nombre: Decimal) -> int:
    exposant = nombre.as_tuple().exponent
    return max(0, -exposant) if isinstance(exposant, int) else 0


def _nombre(propre: str, source_numerique: bool) -> Decimal | str:
    """The number, or why it cannot be read, in French."""
    texte = propre.replace("−", "-").removeprefix("+").replace("- ", "-")
    if not source_numerique and _POINT_AMBIGU.fullmatch(texte):
        return "nombre ambigu : le point sépare des milliers ou des décimales"
    if " " in texte:
        if not _MILLIERS.fullmatch(texte):
            return "les espaces ne séparent pas des milliers"
        texte = texte.replace(" ", "")
    if not _NOMBRE.fullmatch(texte):
        return "nombre attendu"
    nombre = Decimal(texte.replace(",", "."))
    if source_numerique:
        nombre = _ECRAN.plus(nombre)
    exposant = nombre.as_tuple().exponent
    if nombre.adjusted() >= _CHIFFRES_ENTIERS_MAX or not isinstance(exposant, int) or exposant < -_DECIMALES_MAX:
        return f"nombre hors des limites ({_CHIFFRES_ENTIERS_MAX} chiffres, {_DECIMALES_MAX} décimales)"
    return nombre


def _canonique(nombre: Decimal) -> str:
    texte = format(nombre, "f")
    if "." in texte:
        texte = texte.rstrip("0").rstrip(".")
    return "0" if texte == "-0" else texte
