"""A reader with a pencil: everything that sums and bounds tell of the figures that a public version hides.

Written apart from the product: its own relations, from public knowledge, and its own algebra.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

P = (1 << 31) - 1
Cle = tuple[str, ...]


@dataclass
class Publie:
    """What is published: `connues` with their values, `cachees` with the least that each may be."""

    connues: dict[Cle, int] = field(default_factory=dict)
    cachees: dict[Cle, int] = field(default_factory=dict)

    def valeur(self, cle: Cle) -> int | None:
        """The value of a cell, None when it is hidden; a cell that is nowhere is zero."""
        return None if cle in self.cachees else self.connues.get(cle, 0)


Equation = tuple[Cle, tuple[Cle, ...]]
"""(total, terms)."""


def resoudre(publie: Publie, equations: Iterable[Equation]) -> set[Cle]:
    """Hidden cells that the equations determine: Gauss-Jordan elimination, modulo a prime."""
    lignes = []
    for total, termes in equations:
        ligne: dict[Cle, int] = defaultdict(int)
        for cle, signe in ((total, 1), *((terme, -1) for terme in termes)):
            if cle in publie.cachees:
                ligne[cle] = (ligne[cle] + signe) % P
        lignes.append({cle: c for cle, c in ligne.items() if c})
    reduites: list[tuple[Cle, dict[Cle, int]]] = []
    par_cle: dict[Cle, set[int]] = defaultdict(set)
    for ligne in sorted(lignes, key=len):
        for cle in list(ligne):
            for rang in par_cle[cle]:
                if reduites[rang][0] == cle and cle in ligne:
                    _ajouter(ligne, reduites[rang][1], -ligne[cle])
        if not ligne:
            continue
        pivot = min(ligne, key=lambda cle: (len(par_cle[cle]), cle))
        inverse = pow(ligne[pivot], P - 2, P)
        ligne = {cle: c * inverse % P for cle, c in ligne.items()}
        for rang in list(par_cle[pivot]):
            autre = reduites[rang][1]
            avant = set(autre)
            _ajouter(autre, ligne, -autre[pivot])
            for cle in avant - set(autre):
                par_cle[cle].discard(rang)
            for cle in set(autre) - avant:
                par_cle[cle].add(rang)
        reduites.append((pivot, ligne))
        for cle in ligne:
            par_cle[cle].add(len(reduites) - 1)
    return {pivot for pivot, ligne in reduites if len(ligne) == 1}


def encadrer(publie: Publie, equations: Iterable[Equation], tours: int = 30) -> dict[Cle, tuple[int, int]]:
    """The least and the most that each hidden cell may be, once every sum has narrowed its terms again and again."""
    equations = list(equations)
    bornes = {cle: (minimum, 10**9) for cle, minimum in publie.cachees.items()}
    bornes |= {cle: (valeur, valeur) for cle, valeur in publie.connues.items()}
    for _ in range(tours):
        avant = dict(bornes)
        for total, termes in equations:
            bas = [bornes.get(terme, (0, 0))[0] for terme in termes]
            haut = [bornes.get(terme, (0, 0))[1] for terme in termes]
            mini, maxi = bornes.get(total, (0, 0))
            _resserrer(bornes, total, sum(bas), sum(haut))
            for rang, terme in enumerate(termes):
                _resserrer(bornes, terme, mini - (sum(haut) - haut[rang]), maxi - (sum(bas) - bas[rang]))
        if bornes == avant:
            break
    return {cle: bornes[cle] for cle in publie.cachees}


def _resserrer(bornes: dict[Cle, tuple[int, int]], cle: Cle, bas: int, haut: int) -> None:
    if cle in bornes:
        bornes[cle] = (max(bornes[cle][0], bas), min(bornes[cle][1], haut))


def _ajouter(ligne: dict[Cle, int], autre: Mapping[Cle, int], facteur: int) -> None:
    for cle, c in autre.items():
        somme = (ligne.get(cle, 0) + facteur * c) % P
        if somme:
            ligne[cle] = somme
        else:
            ligne.pop(cle, None)
