"""Draws that are the same on every system and every version of Python."""

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


class Hasard:
    """A stream of draws; two streams of one seed give the same draws. Nothing here needs to be secret."""

    def __init__(self, graine: str) -> None:
        self._graine = graine
        self._rang = 0

    def entier(self, mini: int, maxi: int) -> int:
        """Integer between `mini` and `maxi`, both included. Raises ValueError when the interval is empty."""
        if maxi < mini:
            raise ValueError(f"intervalle vide : {mini} à {maxi}")
        self._rang += 1
        tire = int.from_bytes(sha256(f"{self._graine}/{self._rang}".encode()).digest()[:8])
        return mini + tire % (maxi - mini + 1)

    def chance(self, pourcent: int) -> bool:
        """True `pourcent` times out of a hundred."""
        return self.entier(1, 100) <= pourcent

    def choix(self, suite: Sequence[T]) -> T:
        """One element of `suite`."""
        return suite[self.entier(0, len(suite) - 1)]

    def pondere(self, suite: Sequence[T], poids: Sequence[int]) -> T:
        """One element of `suite`, each as likely as its weight (one not null at least)."""
        reste = self.entier(1, sum(poids))
        for element, part in zip(suite, poids, strict=True):
            reste -= part
            if reste <= 0:
                return element
        raise ValueError("poids négatifs")

    def tirage(self, suite: Sequence[T], nombre: int) -> list[T]:
        """`nombre` different elements of `suite` (all of them when it is shorter), in the order drawn."""
        reste = list(suite)
        return [reste.pop(self.entier(0, len(reste) - 1)) for _ in range(min(nombre, len(reste)))]

    def jour(self, debut: date, fin: date) -> date:
        """A day between two days, both included."""
        return debut + timedelta(days=self.entier(0, (fin - debut).days))
