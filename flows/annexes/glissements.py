"""The likely slip behind a printed value that does not follow, in words that its author recognises.

A slip is a guess: it is only given when the printed value comes out of it exactly, at the printed number of decimals.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from flows.annexes.calcul import (
    BESOINS,
    NOMS,
    arrondir,
    arrondir_vers_le_haut,
    formule,
    francais,
    par_regle,
    pourcentage,
    tronquer,
)
from flows.annexes.lecture import Publication, Valeur

PISTES_MAX = 3
_VOISINS_MAX = 100
_RANGS = {0: "à l'unité", 1: "au dixième", 2: "au centième"}
_COPIES = {"c": "a", "e": "ca", "h": "ec", "j": "hec"}


@dataclass(frozen=True, slots=True)
class Situation:
    """A printed line that no rule explains: `exact` is the expected value, `valeurs` the lines known before it.

    `fautives` are the lines before it that do not follow either, `voisines` the publications of the same document,
    whose rates may have been copied.
    """

    ligne: str
    publiee: Valeur
    exact: Decimal
    valeurs: dict[str, Decimal]
    fautives: list[str]
    publication: Publication
    voisines: list[Publication]

    def vaut(self, x: Decimal) -> bool:
        """Whether the printed value is x, as printed or rounded to the unit."""
        v = self.publiee
        return v.nombre in (arrondir(x, v.decimales), arrondir(x, 0))


def glissements(s: Situation) -> tuple[str, ...]:
    """At most `PISTES_MAX` likely slips, the most direct first; empty when nothing fits."""
    pistes: list[str] = []
    for famille in (_copie, _arrondi, _operation, _taux_voisin, _chiffres, _amont, _reste):
        pistes += [piste for piste in famille(s) if piste not in pistes]
    return tuple(pistes[:PISTES_MAX])


def contradiction_probable(valeur: Valeur, reference: Valeur) -> tuple[str, ...]:
    """Why two documents may print one line differently."""
    if tronquer(reference.nombre, valeur.decimales) == valeur.nombre:
        return (f"{valeur.texte} est {reference.texte} coupé, sans arrondi : une décimale s'est perdue en recopiant",)
    s = Situation("", valeur, reference.nombre, {}, [], Publication("", "", "", ""), [])
    return tuple(_chiffres(s)) or ("un des deux documents n'a pas suivi une correction de l'autre",)


def _copie(s: Situation) -> Iterator[str]:
    """The value of another line was copied."""
    for nom in _COPIES.get(s.ligne, ""):
        if s.valeurs.get(nom) == s.publiee.nombre != 0:
            yield f"{s.publiee.texte} est {NOMS[nom]} (ligne {nom}), pas {NOMS[s.ligne]} (ligne {s.ligne})"
            return


def _operation(s: Situation) -> Iterator[str]:
    """A sum for a difference, a forgotten term, the wrong operand."""
    v = {nom: s.valeurs.get(nom, Decimal(0)) for nom in NOMS}
    candidats: list[tuple[Decimal, str]] = []
    if s.ligne in ("b", "f", "g"):
        for nom, detail in s.publication.details(s.ligne).items():
            candidats.append((s.exact - detail.nombre, f"le détail {nom} ({detail.texte}) n'est pas compté"))
            candidats.append((s.exact + detail.nombre, f"le détail {nom} ({detail.texte}) est compté deux fois"))
    elif s.ligne == "c":
        candidats.append((v["a"] + v["b"], "somme au lieu de différence : a + b"))
    elif s.ligne == "e":
        candidats.append((pourcentage(v["a"], v["d"]), "taux appliqué au parc total (a), pas au parc soumis (c)"))
        candidats.append((v["c"] - pourcentage(v["c"], v["d"]), "le taux a été retiré du parc soumis : c - c × d"))
        if "i" in s.publication.lignes:
            taux = s.publication.lignes["i"][0].nombre
            candidats.append((pourcentage(v["c"], taux), "taux du réservataire (i) au lieu du taux de rotation (d)"))
    elif s.ligne == "h":
        candidats.append((v["e"] + v["f"] + v["g"], "somme au lieu de différence : e + f + g"))
        candidats.append((v["e"] - v["f"] + v["g"], "la ligne g est ajoutée au lieu d'être retirée"))
        candidats.append((v["e"] - v["f"], "la ligne g n'est pas retirée"))
        candidats.append((v["e"] - v["g"], "la ligne f n'est pas retirée"))
        candidats.append((v["e"] - v["f"] - v["g"], "un flux à répartir n'est jamais négatif : il vaut 0"))
        for nom, detail in s.publication.details("f").items():
            candidats.append((s.exact + detail.nombre, f"la soustraction {nom} ({detail.texte}) n'est pas retirée"))
    elif s.ligne == "j":
        candidats.append((pourcentage(v["e"], v["i"]), "taux appliqué au flux brut (e), pas au flux à répartir (h)"))
        candidats.append((pourcentage(v["c"], v["i"]), "taux appliqué au parc soumis (c), pas au flux à répartir (h)"))
        candidats.append((pourcentage(v["h"], v["d"]), "taux de rotation (d) au lieu du taux du réservataire (i)"))
        candidats.append((v["h"] - pourcentage(v["h"], v["i"]), "la part a été retirée du flux : h - h × i"))
    for candidat, mots in candidats:
        if s.publiee.nombre and s.vaut(candidat):
            yield mots


def _taux_voisin(s: Situation) -> Iterator[str]:
    """The rate of another bailleur or réservataire of the document was used."""
    base, taux = {"e": ("c", "d"), "j": ("h", "i")}.get(s.ligne, ("", ""))
    for voisine in s.voisines[:_VOISINS_MAX]:
        autre = voisine.valeur(taux)
        if voisine is s.publication or autre is None or autre.nombre == s.valeurs[taux] or not s.publiee.nombre:
            continue
        if s.vaut(pourcentage(s.valeurs[base], autre.nombre)):
            yield f"taux recopié d'une autre annexe : {autre.texte} est celui de {voisine.bailleur}"
            return


def _arrondi(s: Situation) -> Iterator[str]:
    """Rounded up, or cut, where half up was due."""
    for decimales, rang in _RANGS.items():
        if s.publiee.nombre == arrondir_vers_le_haut(s.exact, decimales):
            yield f"arrondi {rang} supérieur" + (" (demi supérieur attendu)" if decimales else "")
            return
        if s.publiee.nombre == tronquer(s.exact, decimales):
            yield f"coupé {rang}, sans arrondi"
            return


def _chiffres(s: Situation) -> Iterator[str]:
    """Swapped digits, a moved decimal mark, a digit lost or added."""
    v = s.publiee
    for attendu in par_regle(s.ligne, s.exact).values():
        for rangs in (1, -1, 2, -2, 3, -3):
            if v.nombre and v.nombre == arrondir(attendu.scaleb(rangs), v.decimales):
                sens = "droite" if rangs > 0 else "gauche"
                fraction = " (un taux écrit en fraction ?)" if rangs == 2 else ""
                pluriel = "s" if abs(rangs) > 1 else ""
                yield f"virgule déplacée de {abs(rangs)} rang{pluriel} vers la {sens}{fraction}"
    for attendu in {arrondir(x, v.decimales) for x in par_regle(s.ligne, s.exact).values()}:
        vus, voulus = (f"{x:f}".replace(".", "") for x in (v.nombre.quantize(attendu), attendu))
        if len(voulus) < 2:
            continue
        if any(_permuter(vus, i) == voulus for i in range(len(vus) - 1)):
            yield f"chiffres inversés : {v.texte} pour {francais(attendu)}"
        elif len(voulus) > 2 and len(vus) != len(voulus) and _a_une_lettre_pres(vus, voulus):
            yield f"un chiffre {'oublié' if len(vus) < len(voulus) else 'en trop'} : {v.texte} pour {francais(attendu)}"


def _amont(s: Situation) -> Iterator[str]:
    """The line follows from the right value of a line that is itself wrong."""
    valeurs = dict.fromkeys("fg", Decimal(0)) | s.valeurs
    for nom in s.fautives:
        if nom not in BESOINS.get(s.ligne, "") or nom not in BESOINS:
            continue
        for juste in par_regle(nom, formule(nom, valeurs)).values():
            if s.vaut(formule(s.ligne, valeurs | {nom: juste})):
                yield f"{s.publiee.texte} suit {NOMS[nom]} recalculé ({francais(juste)}), pas celui qui est imprimé"
                return


def _reste(s: Situation) -> Iterator[str]:
    """What should still be subtracted for h to follow, from e as recomputed when it can be."""
    if s.ligne != "h":
        return
    v = {nom: s.valeurs.get(nom, Decimal(0)) for nom in "efg"}
    brut = formule("e", s.valeurs) if "c" in s.valeurs and "d" in s.valeurs else v["e"]
    reste = arrondir(brut, s.publiee.decimales) - v["f"] - v["g"] - s.publiee.nombre
    if reste > 0:
        yield (
            f"{s.publiee.texte} suppose, pour un flux brut de {francais(brut)}, de retirer encore {francais(reste)} : "
            "cette soustraction n'est ni en f ni en g"
        )


def _permuter(texte: str, i: int) -> str:
    return texte[:i] + texte[i + 1] + texte[i] + texte[i + 2 :]


def _a_une_lettre_pres(a: str, b: str) -> bool:
    """Whether one text is the other with one character removed."""
    court, long = sorted((a, b), key=len)
    return len(long) == len(court) + 1 and any(long[:i] + long[i + 1 :] == court for i in range(len(long)))
