"""How the steps of a flow are run: directly, or as Prefect tasks (`suivi.py`). A flow does not know which."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Execution(Protocol):
    """Runs the steps of a flow and shows its tables."""

    def etape(self, libelle: str, fonction: Callable[..., T], *args: object, externe: bool = False) -> T:
        """Runs one step; `externe` when something outside the product can fail and is worth another try."""
        ...

    def montrer(self, cle: str, titre: str, lignes: Sequence[Mapping[str, object]]) -> None:
        """Shows a small table of the run (row accounting, anomalies)."""
        ...


class Directe:
    """Runs each step as a plain call, with a line of progress on the error output."""

    def __init__(self, muet: bool = False) -> None:
        self.muet = muet
        self.durees: dict[str, float] = {}

    def etape(self, libelle: str, fonction: Callable[..., T], *args: object, externe: bool = False) -> T:
        """Runs one step and says how long it took, in seconds."""
        debut = time.perf_counter()
        try:
            return fonction(*args)
        finally:
            self.durees[libelle] = time.perf_counter() - debut
            if not self.muet:
                print(f"  {libelle:<32}{self.durees[libelle]:6.1f} s", file=sys.stderr)

    def montrer(self, cle: str, titre: str, lignes: Sequence[Mapping[str, object]]) -> None:
        """Nothing to show: the same tables are in the deliverables."""
