"""The steps of a flow: plain functions that say how long they took, and that a run may have followed (`suivi.py`)."""

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


SUIVI: ContextVar[Suivi | None] = ContextVar("suivi", default=None)
"""Nobody, in a quick run."""


def etape(libelle: str, *, externe: bool = False) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Makes a function a step of the flows, under the name that the user sees.

    `externe` says that something outside the product can fail in it (a folder on the network, a file held by another
    program) and that running it again is safe.
    """

    def entourer(fonction: Callable[P, T]) -> Callable[P, T]:
        @wraps(fonction)
        def menee(*args: P.args, **nommes: P.kwargs) -> T:
            suivi = SUIVI.get()
            with chronometre(libelle):
                if suivi is None:
                    return fonction(*args, **nommes)
                return suivi.mener(libelle, externe, partial(fonction, *args, **nommes))

        return menee

    return entourer


@contextmanager
def chronometre(libelle: str) -> Iterator[None]:
    """Says on the error output, at its end, how many seconds a step took; an output that is closed stops nothing."""
    debut = time.perf_counter()
    try:
        yield
    finally:
        dire(f"  {libelle:<32}{time.perf_counter() - debut:6.1f} s")


def dire(ligne: str) -> None:
    """One line on the error output, when there is one."""
    with suppress(OSError, ValueError):
        print(ligne, file=sys.stderr, flush=True)
