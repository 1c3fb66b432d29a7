"""The lines a…j of an annexe recomputed from the printed ones, and the rounding rules that explain a printed value.

Sources: [001] annexe individuelle (unit at every step), [002] annexe 1 (two decimals kept), [004] annexe.
Every number is an exact decimal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from itertools import product

from flows.annexes.lecture import TAUX, Publication, Valeur

Regle = tuple[str, str]

ARRONDIS_ETAPES = {"aucun": "sans arrondi", "unite": "à l'unité"}
ARRONDIS_FINAUX = {
    "aucun": "sans arrondi",
    "unite_demi_superieur": "à l'unité, demi supérieur",
    "unite_inferieur": "à l'unité inférieure",
    "decimale_1": "à une décimale",
    "decimale_2": "à deux décimales",
}
REGLES: tuple[Regle, ...] = tuple(product(ARRONDIS_ETAPES, ARRONDIS_FINAUX))
NOMS = {
    "a": "le parc total",
    "b": "le total des exclusions",
    "c": "le parc soumis",
    "d": "le taux de rotation",
    "e": "le flux brut",
    "f": "le total des soustractions",
    "g": "les autres déductions",
    "h": "le flux à répartir",
    "i": "le taux du réservataire",
    "j": "le flux du réservataire",
    "report": "le report",
    "objectif": "l'objectif",
}
FORMULES = {"c": "a - b", "e": "c × d", "h": "e - f - g", "j": "h × i", "objectif": "j + report"}
BESOINS = {"c": ("a", "b"), "e": ("c", "d"), "h": ("e", "f", "g"), "j": ("h", "i"), "objectif": ("j", "report")}
SOMMES = ("b", "f", "g")

_EXACT = Context(prec=150)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Calcul:
    """A recomputed line: from the printed lines, from their unrounded values, and the operation in figures.

    `bornes`: the least and the greatest value that the precision of the printed lines allows.
    """

    exact: Decimal
    sans_arrondi: Decimal
    texte: str
    bornes: tuple[Decimal, Decimal]


def calculer(
    ligne: str, publication: Publication, valeurs: Mapping[str, Decimal], brutes: Mapping[str, Decimal]
) -> Calcul | None:
    """Recomputes a line, or None when a line that it needs is unknown.

    `valeurs` are the lines before it (printed, else recomputed), `brutes` the same before their rounding. b, f and g
    are the sums of their details. To check a printed h, an f or a g that nobody gives counts as 0, and it is said.
    """
    if ligne in SOMMES:
        details = publication.details(ligne)
        total = sum((v.nombre for v in details.values()), _ZERO)
        texte = f"{ligne} = {' + '.join(v.texte for v in details.values())} = {francais(total)}"
        bornes = [sum(bords, _ZERO) for bords in zip(*(v.bornes for v in details.values()), strict=True)]
        return Calcul(total, total, texte, (bornes[0], bornes[1])) if details else None
    if ligne not in FORMULES:
        return None
    besoins = BESOINS[ligne]
    suppose = [nom for nom in ("f", "g") if nom in besoins and nom not in valeurs and publication.valeur(ligne)]
    if any(nom not in valeurs for nom in besoins if nom not in suppose):
        return None
    zeros = dict.fromkeys(suppose, _ZERO)
    exact, sans_arrondi = (formule(ligne, zeros | dict(v)) for v in (valeurs, brutes))
    chiffres = FORMULES[ligne]
    for nom in besoins:
        publiee = publication.valeur(nom)
        texte = publiee.texte if publiee else francais(valeurs.get(nom, _ZERO))
        chiffres = chiffres.replace(nom, texte if nom not in TAUX else f"{texte.removesuffix('%').rstrip()} %")
    reserve = "".join(f" (ligne {nom} non publiée : comptée 0)" for nom in suppose)
    texte = f"{ligne} = {FORMULES[ligne]} = {chiffres} = {francais(exact)}{reserve}"
    return Calcul(exact, sans_arrondi, texte, _bornes(ligne, publication, zeros | dict(valeurs)))


def _bornes(ligne: str, publication: Publication, valeurs: Mapping[str, Decimal]) -> tuple[Decimal, Decimal]:
    """c, e, h or j at the ends of what its lines may be: each formula goes one way with each of them."""
    bords = [
        publiee.bornes if (publiee := publication.valeur(nom)) else (valeurs[nom], valeurs[nom])
        for nom in BESOINS[ligne]
    ]
    bouts = [formule(ligne, dict(zip(BESOINS[ligne], choix, strict=True))) for choix in product(*bords)]
    return min(bouts), max(bouts)


def formule(ligne: str, v: Mapping[str, Decimal]) -> Decimal:
    """A line from the values of the others; d and i are in percent, h and objectif are never below 0."""
    if ligne == "c":
        return _EXACT.subtract(v["a"], v["b"])
    if ligne == "h":
        return max(_ZERO, _EXACT.subtract(_EXACT.subtract(v["e"], v["f"]), v["g"]))
    if ligne == "objectif":
        return max(_ZERO, _EXACT.add(v["j"], v["report"]))
    base, taux = ("c", "d") if ligne == "e" else ("h", "i")
    return pourcentage(v[base], v[taux])


def pourcentage(base: Decimal, taux: Decimal) -> Decimal:
    """`taux` percent of `base`, exactly."""
    return _EXACT.multiply(base, taux).scaleb(-2, _EXACT)


def regles_suivies(ligne: str, publiee: Valeur, calcul: Calcul) -> tuple[frozenset[Regle], frozenset[Regle]]:
    """The rules that explain a printed value, and among them those that need no tolerance for a shorter print.

    When no rule gives it exactly, what the precision of the printed lines allows is tried. Without rounding at each
    step, a line may also come from the unrounded values of the lines before it, and a value
    printed with few decimals is compared at that number of decimals, half up.
    """
    larges, strictes = set(), set()
    for regle in REGLES:
        etape, final = regle
        nom = final if ligne == "j" else etape if ligne in ("e", "h") else "aucun"
        for x in {calcul.exact} if etape == "unite" else {calcul.exact, calcul.sans_arrondi}:
            attendu = par_regle(ligne, x)[nom]
            if attendu == publiee.nombre:
                strictes.add(regle)
            elif nom == "aucun" and arrondir(attendu, publiee.decimales) == publiee.nombre:
                larges.add(regle)
    if not larges | strictes:
        larges = {r for r in REGLES if _permise(ligne, r, publiee, calcul.bornes)}
    return frozenset(larges | strictes), frozenset(strictes)


def _permise(ligne: str, regle: Regle, publiee: Valeur, bornes: tuple[Decimal, Decimal]) -> bool:
    """Whether a rule gives the printed value from some values that are printed as the lines before it."""
    nom = regle[1] if ligne == "j" else regle[0] if ligne in ("e", "h") else "aucun"
    bas, haut = (par_regle(ligne, borne)[nom] for borne in bornes)
    if nom == "aucun":
        return publiee.bornes[0] <= haut and bas <= publiee.bornes[1]
    return bas <= publiee.nombre <= haut and par_regle(ligne, publiee.nombre)[nom] == publiee.nombre


def est_addition(publication: Publication) -> bool:
    """Whether one of our files may add up conventions, each rounded and never below 0, so that h is not e - f - g.

    Its d is then e ÷ c and its i is j ÷ h (contrat, Counting), of what is printed: h stays held by i and j.
    """
    v = {nom: valeur for nom in "cdehij" if (valeur := publication.valeur(nom))}
    if not publication.est_des_notres or len(v) < 6:
        return False
    suivies = ((ligne, _bornes(ligne, publication, {})) for ligne in ("e", "j"))
    return all(v[li].bornes[0] <= haut and bas <= v[li].bornes[1] for li, (bas, haut) in suivies)


def par_regle(ligne: str, exact: Decimal) -> dict[str, Decimal]:
    """Rule → value: e and h by `arrondi_etapes`, j by `arrondi_final`, sums and differences as they are."""
    if ligne == "j":
        return {
            "aucun": exact,
            "unite_demi_superieur": arrondir(exact, 0),
            "unite_inferieur": arrondir(exact, 0, ROUND_FLOOR),
            "decimale_1": arrondir(exact, 1),
            "decimale_2": arrondir(exact, 2),
        }
    return {"aucun": exact} | ({"unite": arrondir(exact, 0)} if ligne in ("e", "h") else {})


def arrondir(x: Decimal, decimales: int, sens: str = ROUND_HALF_UP) -> Decimal:
    """A decimal at a number of decimals, half up unless said otherwise."""
    return x.quantize(Decimal(1).scaleb(-decimales), sens, _EXACT)


def arrondir_vers_le_haut(x: Decimal, decimales: int) -> Decimal:
    """The next value up at a number of decimals."""
    return arrondir(x, decimales, ROUND_CEILING)


def tronquer(x: Decimal, decimales: int) -> Decimal:
    """The value cut at a number of decimals."""
    return arrondir(x, decimales, ROUND_FLOOR)


def francais(x: Decimal) -> str:
    """A decimal with a comma, without useless zeros: 15,9095."""
    texte = f"{x:f}"
    return (texte.rstrip("0").rstrip(".") if "." in texte else texte).replace(".", ",")
