"""The processes that write the documents: a few réservataires at a time go to whoever is free, this one included."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import current_process, get_context
from pathlib import Path

from flows import ressources

SEUL = 16
"""Up to so many réservataires this process writes alone: starting others costs about as much."""
LOT = 16
"""Réservataires at most read and held at once by a process: what bounds its memory."""
LOTS_PAR_PROCESSUS = 2
"""Each lot asks every table once: a dozen of small lots would cost as much as their documents."""

_TENUS: list[object] = []
_APPELEES: list[ProcessPoolExecutor] = []

Travail = Callable[..., list[Path]]
Fait = tuple[list[Path], int, int]


@contextmanager
def reunie() -> Iterator[None]:
    """A team that `appeler` has started, and that nobody had work for, does not outlive this."""
    try:
        yield
    finally:
        while _APPELEES:
            _APPELEES.pop().shutdown(cancel_futures=True)


def appeler(travail: Travail) -> None:
    """Starts the other processes for the next `repartir` of that work, while this one still works alone.

    To be called inside a `reunie`.
    """
    if (autres := _autres()) and not _APPELEES:
        _APPELEES.append(_former(autres))
        for _ in range(autres):
            _APPELEES[0].submit(_arriver, travail)


def repartir(
    travail: Travail,
    codes: Sequence[str],
    *communs: object,
    d_abord: Callable[[], list[Path]] = list,
    tenir: Callable[[], object] | None = None,
) -> list[Path]:
    """Calls `travail(lot of codes, *communs)` for all the codes, by all the processors; returns what they wrote.

    This process begins by `d_abord`. Each other keeps what `tenir` gives it, from its first lot to its last.
    What a lot raises stops the others that have not begun, and is raised here. A process that may not start others (a
    Dask worker) writes alone.
    """
    autres = _autres()
    processus = autres + 1
    if len(codes) <= SEUL or not autres:
        return [*d_abord(), *(ecrit for lot in lots(codes, LOT) for ecrit in travail(lot, *communs))]
    tours = -(-len(codes) // (LOT * processus))
    nombre = min(len(codes), processus * max(LOTS_PAR_PROCESSUS, tours))
    a_faire = [codes[rang::nombre] for rang in range(nombre)]  # the first are those who have the most to read
    restants = deque(range(len(a_faire)))
    faits: dict[int, Fait] = {}
    ecrits: list[Path] = []

    def puiser(prendre: Callable[[], int], mener: Callable[[int], Fait]) -> None:
        """One lot after the other, until none is left."""
        while restants:
            try:
                rang = prendre()
            except IndexError:  # another has just taken the last
                return
            try:
                faits[rang] = mener(rang)
            except BaseException:
                restants.clear()
                raise

    with (
        _APPELEES.pop() if _APPELEES else _former(autres) as equipe,
        ThreadPoolExecutor(autres) as meneurs,
    ):
        # the others may need a second to start: they begin by the end, this one by the first lots
        menes = [
            meneurs.submit(
                puiser,
                restants.pop,
                lambda rang: equipe.submit(_mener, travail, a_faire[rang], communs, tenir).result(),
            )
            for _ in range(autres)
        ]
        try:
            ecrits += d_abord()
        except BaseException:
            restants.clear()
            raise
        puiser(restants.popleft, lambda rang: _mener(travail, a_faire[rang], communs))
        for mene in menes:
            mene.result()
    ici = os.getpid()
    ressources.noter_equipe({processus: pic for _, processus, pic in faits.values() if processus != ici}.values())
    return ecrits + [ecrit for rang in sorted(faits) for ecrit in faits[rang][0]]


def _autres() -> int:
    """How many processes there are to be beside this one."""
    return 0 if current_process().daemon else ressources.fils() - 1


def _former(autres: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(autres, get_context("spawn"), _au_travail)


def _arriver(_travail: Travail) -> None:
    """To be asked for a work is to have imported all that it needs."""


def _mener(
    travail: Travail, lot: Sequence[str], communs: tuple[object, ...], tenir: Callable[[], object] | None = None
) -> Fait:
    """One lot: what it wrote, which process, the most memory that it has held so far."""
    if tenir and not _TENUS:
        _TENUS.append(tenir())
    return travail(lot, *communs), os.getpid(), ressources.pic()


def lots(codes: Sequence[str], taille: int) -> list[Sequence[str]]:
    """The codes in order, cut in lots."""
    return [codes[i : i + taille] for i in range(0, len(codes), taille)]


def _au_travail() -> None:
    """A document process reads with one thread, and its share of the memory: the others do as much at once."""
    ressources.finir_avec_le_parent()
    ressources.ramasser_moins()
    os.environ[ressources.MEMOIRE] = f"{max(ressources.MEMOIRE_MINIMUM, ressources.memoire() // ressources.fils())}o"
    os.environ[ressources.FILS] = "1"
