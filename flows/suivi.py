"""The same flows under Prefect: one flow run, one task run a step, artifacts for the accounting and the anomalies."""

import os
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from flows.bilan import CompteRendu
from flows.campagne import Campagne
from flows.etapes import Progres, suivies_par
from flows.refus import Parcours, Refus, mener

T = TypeVar("T")
ESSAIS = 2
ATTENTE_S = 10


class Suivie:
    """Runs each step as a Prefect task; only steps that depend on something outside are tried again."""

    def mener(self, libelle: str, externe: bool, appel: Callable[[], T]) -> T:
        """One task run, never cached: the outputs are files, not results."""
        from prefect import task
        from prefect.cache_policies import NO_CACHE

        suivre_etape = task(
            name=libelle,
            task_run_name=libelle,
            cache_policy=NO_CACHE,
            persist_result=False,
            retries=ESSAIS if externe else 0,
            retry_delay_seconds=ATTENTE_S,
            retry_condition_fn=_vient_du_dehors,
        )
        return suivre_etape(partial(Progres().mener, libelle, externe, appel))()


def suivre(parcours: Parcours, campagne: Campagne) -> CompteRendu | Refus:
    """Runs a flow under Prefect, on the server of PREFECT_API_URL or on a temporary one. Nothing phones home."""
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
    from prefect import flow

    @flow(
        name=f"gestion-flux {campagne.commande}",
        flow_run_name=f"{campagne.commande} {campagne.annee}" + (f" au {campagne.au}" if campagne.au else ""),
        validate_parameters=False,
        persist_result=False,
    )
    def parcours_suivi() -> CompteRendu | Refus:
        with suivies_par(Suivie()):
            return mener(parcours, campagne)

    return parcours_suivi()


def _vient_du_dehors(_tache: object, _execution: object, etat: object) -> bool:
    """True for a failure that another try may mend: the disk or the network, not a blocking anomaly."""
    lire = getattr(etat, "result", None)
    if lire is None:
        return False
    try:
        lire()
    except OSError:
        return True
    except Exception:
        return False
    return False
