"""The steps of a flow: plain functions, which the command has timed and Prefect followed (`suivi.py`)."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial, wraps
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Suivi(Protocol):
    """Who follows the steps of a run."""

    def mener(self, libelle: str, externe: bool, appel: Callable[[], T]) -> T:
        """Runs one step and gives what it gives; `externe` when another try may mend it."""
        ...


class Progres:
    """Says each step at its end, with its seconds, on the error output."""

    def mener(self, libelle: str, externe: bool, appel: Callable[[], T]) -> T:
        """Runs one step, once."""
        debut = time.perf_counter()
        try:
            return appel()
        finally:
            dire(f"  {libelle:<32}{time.perf_counter() - debut:6.1f} s")


_SUIVI: ContextVar[Suivi | None] = ContextVar("suivi", default=None)


@contextmanager
def suivies_par(suivi: Suivi) -> Iterator[None]:
    """Inside, every step of this thread is run by `suivi`; outside, steps are plain calls, and silent."""
    jeton = _SUIVI.set(suivi)
    try:
        yield
    finally:
        _SUIVI.reset(jeton)


def etape(libelle: str, *, externe: bool = False) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Makes a function a step of the flows, under the name that the user sees.

    `externe` says that something outside the product can fail in it (a folder on the network, a file held by another
    program) and that running it again is safe.
    """

    def entourer(fonction: Callable[P, T]) -> Callable[P, T]:
        @wraps(fonction)
        def menee(*args: P.args, **nommes: P.kwargs) -> T:
            suivi = _SUIVI.get()
            if suivi is None:
                return fonction(*args, **nommes)
            return suivi.mener(libelle, externe, partial(fonction, *args, **nommes))

        return menee

    return entourer


def est_une_interruption(erreur: BaseException | None) -> bool:
    """True for a run that was asked to end, also when a library (DuckDB) turned it into an error of its own."""
    while erreur is not None:
        if not isinstance(erreur, Exception):
            return True
        erreur = erreur.__cause__ or erreur.__context__
    return False


def dire(ligne: str) -> None:
    """One line on the error output, when there is one."""
    with suppress(OSError, ValueError):
        print(ligne, file=sys.stderr, flush=True)
