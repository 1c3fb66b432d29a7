"""Small numbers: which figures a public version hides, so that no hidden one can be found from those that are shown.

Threshold rule of statistical secrecy, with complementary suppression: a count from 1 to the threshold less one is
hidden (zeros are not: they are about nobody), then enough others for sums and differences to tell nothing. The reader
is supposed to know every sum that holds between the figures, and that a hidden figure is at least one.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

PREMIER = (1 << 61) - 1
PASSAGES = 100
"""How many times each sum is looked at to narrow its terms, at most: bounds may creep without end."""

Cellule = tuple[str, ...]
"""The key of a figure."""


@dataclass(frozen=True)
class Somme:
    """A sum that the reader knows to hold: `total` is the sum of `termes`, which may be one (an equality)."""

    total: Cellule
    termes: tuple[Cellule, ...]


def masquer(
    valeurs: Mapping[Cellule, int],
    sommes: Sequence[Somme],
    ensembles: Iterable[Sequence[Cellule]],
    seuil: int,
    ordres: Iterable[tuple[Cellule, Cellule]] = (),
) -> set[Cellule]:
    """Cells to hide. `valeurs` has the cells that are not zero, as whole numbers.

    `ensembles` are groups of cells of which the first one, when it is hidden, hides all the others: a total that is
    secret is not broken down. `ordres` are pairs of cells of which the reader knows that the first is not above the
    second.
    """
    secret = _Secret(valeurs, sommes, seuil, ordres)
    suites = {ensemble[0]: ensemble[1:] for ensemble in ensembles}
    secret.cacher(cellule for cellule, valeur in valeurs.items() if 0 < valeur < seuil)
    while True:
        for total, suite in suites.items():
            if total in secret:
                secret.cacher(suite)
        if not secret.equilibrer() and not secret.recouper():
            return {cellule for cellule in valeurs if cellule in secret}


class _Secret:
    """What is hidden so far. Cells that are equal by a sum of one term are one and the same."""

    def __init__(
        self,
        valeurs: Mapping[Cellule, int],
        sommes: Sequence[Somme],
        seuil: int,
        ordres: Iterable[tuple[Cellule, Cellule]],
    ) -> None:
        self.valeurs, self.seuil = valeurs, seuil
        self.parents: dict[Cellule, Cellule] = {}
        for somme in sommes:
            if len(somme.termes) == 1:
                self.parents[self.racine(somme.total)] = self.racine(somme.termes[0])
        vraies = {
            (self.racine(somme.total), tuple(sorted(map(self.racine, somme.termes))))
            for somme in sommes
            if len(somme.termes) > 1
        }
        self.sommes = [Somme(total, termes) for total, termes in sorted(vraies)]
        self.des: dict[Cellule, list[Somme]] = defaultdict(list)
        for somme in self.sommes:
            for cellule in (somme.total, *somme.termes):
                self.des[cellule].append(somme)
        self.ordres: dict[Cellule, list[tuple[Cellule, Cellule]]] = defaultdict(list)
        for petite, grande in sorted({(self.racine(petite), self.racine(grande)) for petite, grande in ordres}):
            self.ordres[petite].append((petite, grande))
            self.ordres[grande].append((petite, grande))
        self.infini = 2 * sum(valeurs.values())
        self.caches: set[Cellule] = set()
        self.connues: set[Cellule] = set()

    def racine(self, cellule: Cellule) -> Cellule:
        """The cell that stands for all those equal to this one."""
        while (parent := self.parents.get(cellule, cellule)) != cellule:
            self.parents[cellule] = self.parents.get(parent, parent)
            cellule = parent
        return cellule

    def __contains__(self, cellule: Cellule) -> bool:
        """True for a cell that is hidden and to some purpose."""
        racine = self.racine(cellule)
        return racine in self.caches and racine not in self.connues

    def cacher(self, cellules: Iterable[Cellule]) -> None:
        """Hides these cells and those equal to them."""
        self.caches.update([self.racine(cellule) for cellule in cellules])

    def equilibrer(self) -> bool:
        """Hides one more cell for each sum that tells too much; True when there was one."""
        avant = len(self.caches)
        for somme in self.sommes:
            if not self._tient(somme):
                self._completer(somme)
        return len(self.caches) > avant

    def recouper(self) -> bool:
        """Puts all the sums together; True when they tell something that each alone did not.

        A small count that they tell, by equations or by bounds, gets a hidden neighbour. A larger one that the
        equations tell protects nothing: it counts as known, and is shown in the end.
        """
        avant, caches = self.connues, len(self.caches)
        trouvees = determinees(self._equations())
        petites = {cellule for cellule in trouvees | self._serrees() if self.valeurs[cellule] < self.seuil}
        for cellule in sorted(petites):
            self._brouiller(cellule)
        self.connues = trouvees.difference(petites)
        # where nothing more can be hidden around a small count, there is nothing more to do
        return len(self.caches) > caches or self.connues != avant

    def _tient(self, somme: Somme) -> bool:
        """A sum alone tells no small count, nor that a hidden one is under the threshold as far as it can be helped."""
        inconnus = [self.valeurs[t] for t in somme.termes if t in self.caches and t not in self.connues]
        if somme.total in self.caches and somme.total not in self.connues:
            return bool(inconnus) or self.valeurs[somme.total] >= self.seuil
        if not inconnus or min(inconnus) >= self.seuil:
            return True
        # each of the others is at least one: what is left for the largest
        reste = sum(inconnus) - len(inconnus) + 1
        if len(inconnus) > 1 and reste >= self.seuil:
            return True
        return len(inconnus) > 1 and reste > 1 and not self._visibles(somme)

    def _visibles(self, somme: Somme) -> list[Cellule]:
        return [terme for terme in somme.termes if terme not in self.caches]

    def _completer(self, somme: Somme) -> None:
        """Hides the smallest visible term of a sum, else its total, else something near: all is then judged again."""
        candidates = self._visibles(somme) or [c for c in (somme.total,) if c not in self.caches]
        if candidates:
            self.caches.add(min(candidates, key=self._rang))
        else:
            self._brouiller(somme.total)
            self.connues = set()

    def _brouiller(self, cellule: Cellule) -> None:
        """Hides the least visible cell near a hidden one that several sums together would tell.

        Sums of which nothing is visible determine nothing: what was known is then known no more.
        """
        vues = front = {cellule}
        while front and front <= self.caches:
            front = {c for proche in front for somme in self.des[proche] for c in (somme.total, *somme.termes)} - vues
            vues = vues | front
        if front:
            self.caches.add(min(front - self.caches, key=self._rang))
        else:
            self.connues = self.connues - vues

    def _serrees(self) -> set[Cellule]:
        """Hidden cells that sums and orders, narrowing their cells again and again, leave `seuil` values or less.

        [choix] More than the threshold: what linear programming finds beyond these bounds then pins no small count.
        """
        bornes = {cellule: (valeur, valeur) for cellule, valeur in self.valeurs.items()}
        bornes |= dict.fromkeys(self.caches, (1, self.infini))
        a_voir: deque[Somme | tuple[Cellule, Cellule]] = deque(self.sommes)
        a_voir.extend(ordre for ordres in self.ordres.values() for ordre in ordres)
        for _ in range(PASSAGES * len(a_voir)):
            if not a_voir:
                break
            regle = a_voir.popleft()
            changees = self._resserrer(regle, bornes) if isinstance(regle, Somme) else _ordonner(regle, bornes)
            for cellule in changees:
                a_voir.extend(self.des[cellule])
                a_voir.extend(self.ordres[cellule])
        return {cellule for cellule in self.caches if bornes[cellule][1] - bornes[cellule][0] < self.seuil}

    def _resserrer(self, somme: Somme, bornes: dict[Cellule, tuple[int, int]]) -> list[Cellule]:
        """Narrows the cells of one sum, all at least one; returns those that changed."""
        bas = sum(bornes[terme][0] for terme in somme.termes)
        haut = sum(bornes[terme][1] for terme in somme.termes)
        mini, maxi = bornes[somme.total]
        changees = []
        for cellule in (somme.total, *somme.termes):
            avant = bornes[cellule]
            if avant[0] < avant[1]:
                a, b = (bas, haut) if cellule is somme.total else (mini - haut + avant[1], maxi - bas + avant[0])
                bornes[cellule] = max(avant[0], a), min(avant[1], b)
                if bornes[cellule] != avant:
                    changees.append(cellule)
        return changees

    def _rang(self, cellule: Cellule) -> tuple[int, Cellule]:
        return self.valeurs[cellule], cellule

    def _equations(self) -> list[dict[Cellule, int]]:
        equations = []
        for somme in self.sommes:
            equation: dict[Cellule, int] = defaultdict(int)
            for cellule, signe in ((somme.total, 1), *((terme, -1) for terme in somme.termes)):
                if cellule in self.caches:
                    equation[cellule] += signe
            equations.append({cellule: c % PREMIER for cellule, c in equation.items() if c})
        return equations


def _ordonner(ordre: tuple[Cellule, Cellule], bornes: dict[Cellule, tuple[int, int]]) -> list[Cellule]:
    """Narrows two cells of which the first is not above the second; returns those that changed."""
    (petite, grande), changees = ordre, []
    (bas, haut), (mini, maxi) = bornes[petite], bornes[grande]
    if maxi < haut:
        bornes[petite] = bas, maxi
        changees.append(petite)
    if bas > mini:
        bornes[grande] = bas, maxi
        changees.append(grande)
    return changees


def determinees(equations: Iterable[Mapping[Cellule, int]]) -> set[Cellule]:
    """Unknowns that linear equations determine, whatever their right-hand sides; coefficients modulo `PREMIER`.

    An unknown is determined when the equations combine into one that has it alone: reduced echelon form.
    """
    noyau, ecartees = _eplucher([dict(equation) for equation in equations if equation])
    pivots: dict[Cellule, dict[Cellule, int]] = {}
    ou: dict[Cellule, set[Cellule]] = defaultdict(set)
    for equation in sorted(noyau, key=len):
        ligne = dict(equation)
        for inconnue in [i for i in ligne if i in pivots]:
            _retrancher(ligne, pivots[inconnue], ligne[inconnue])
        if not ligne:
            continue
        pivot = min(ligne, key=lambda i: (len(ou[i]), i))
        inverse = pow(ligne[pivot], -1, PREMIER)
        ligne = {i: c * inverse % PREMIER for i, c in ligne.items()}
        for autre in list(ou[pivot]):
            cible = pivots[autre]
            avant = set(cible)
            _retrancher(cible, ligne, cible[pivot])
            for i in avant - cible.keys():
                ou[i].discard(autre)
            for i in cible.keys() - avant:
                ou[i].add(autre)
        pivots[pivot] = ligne
        for i in ligne:
            ou[i].add(pivot)
    trouvees = {pivot for pivot, ligne in pivots.items() if len(ligne) == 1}
    for seule, autres in reversed(ecartees):
        if autres <= trouvees:
            trouvees.add(seule)
    return trouvees


def _eplucher(
    equations: list[dict[Cellule, int]],
) -> tuple[list[dict[Cellule, int]], list[tuple[Cellule, set[Cellule]]]]:
    """Sets aside, again and again, the equations that have an unknown of their own: they tell nothing of the others."""
    presences: dict[Cellule, set[int]] = defaultdict(set)
    for rang, equation in enumerate(equations):
        for inconnue in equation:
            presences[inconnue].add(rang)
    ecartees: list[tuple[Cellule, set[Cellule]]] = []
    restantes = set(range(len(equations)))
    a_voir = [inconnue for inconnue, rangs in presences.items() if len(rangs) == 1]
    while a_voir:
        inconnue = a_voir.pop()
        if len(presences[inconnue]) != 1:
            continue
        (rang,) = presences[inconnue]
        restantes.discard(rang)
        ecartees.append((inconnue, set(equations[rang]) - {inconnue}))
        for autre in equations[rang]:
            presences[autre].discard(rang)
            if len(presences[autre]) == 1:
                a_voir.append(autre)
    return [equations[rang] for rang in sorted(restantes)], ecartees


def _retrancher(ligne: dict[Cellule, int], autre: Mapping[Cellule, int], facteur: int) -> None:
    for inconnue, coefficient in autre.items():
        reste = (ligne.get(inconnue, 0) - facteur * coefficient) % PREMIER
        if reste:
            ligne[inconnue] = reste
        else:
            ligne.pop(inconnue, None)
