"""The processes that write the documents: a few réservataires at a time go to whoever is free, this one included."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
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

Travail = Callable[..., list[Path]]
Fait = tuple[list[Path], int, int]


def repartir(
    travail: Travail, codes: Sequence[str], *communs: object, tenir: Callable[[], object] | None = None
) -> list[Path]:
    """Calls `travail(lot of codes, *communs)` for all the codes, by all the processors; returns what they wrote.

    Each other process keeps what `tenir` gives it, from its first lot to its last.
    What a lot raises stops the others that have not begun, and is raised here. A process that may not start others (a
    Dask worker) writes alone.
    """
    processus = 1 if current_process().daemon else ressources.fils()
    if len(codes) <= SEUL or processus == 1:
        return [ecrit for lot in lots(codes, LOT) for ecrit in travail(lot, *communs)]
    tours = -(-len(codes) // (LOT * processus))
    a_faire = lots(codes, -(-len(codes) // (processus * max(LOTS_PAR_PROCESSUS, tours))))
    restants = deque(range(len(a_faire)))
    faits: dict[int, Fait] = {}

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
        ProcessPoolExecutor(processus - 1, get_context("spawn"), _au_travail, (tenir,)) as equipe,
        ThreadPoolExecutor(processus - 1) as meneurs,
    ):
        # the others need a second to start: they begin by the end, this one by the first lots
        menes = [
            meneurs.submit(
                puiser, restants.pop, lambda rang: equipe.submit(_mener, travail, a_faire[rang], communs).result()
            )
            for _ in range(processus - 1)
        ]
        puiser(restants.popleft, lambda rang: _mener(travail, a_faire[rang], communs))
        for mene in menes:
            mene.result()
    ici = os.getpid()
    ressources.noter_equipe({processus: pic for _, processus, pic in faits.values() if processus != ici}.values())
    return [ecrit for rang in sorted(faits) for ecrit in faits[rang][0]]


def _mener(travail: Travail, lot: Sequence[str], communs: tuple[object, ...]) -> Fait:
    """One lot: what it wrote, which process, the most memory that it has held so far."""
    return travail(lot, *communs), os.getpid(), ressources.pic()


def lots(codes: Sequence[str], taille: int) -> list[Sequence[str]]:
    """The codes in order, cut in lots."""
    return [codes[i : i + taille] for i in range(0, len(codes), taille)]


def _au_travail(tenir: Callable[[], object] | None) -> None:
    """A document process reads with one thread, and its share of the memory: the others do as much at once."""
    ressources.finir_avec_le_parent()
    ressources.ramasser_moins()
    os.environ[ressources.MEMOIRE] = f"{max(ressources.MEMOIRE_MINIMUM, ressources.memoire() // ressources.fils())}o"
    os.environ[ressources.FILS] = "1"
    if tenir:
        _TENUS.append(tenir())
