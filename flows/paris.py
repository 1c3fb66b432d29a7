"""The time of Paris, in which the law counts its days: asked of the system when it is needed, never at import."""

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.anomalies import MauvaisUsage

NOM = "Europe/Paris"


@cache
def zone() -> ZoneInfo:
    """The zone; raises MauvaisUsage where neither the system (Windows has none) nor `tzdata` knows it."""
    try:
        return ZoneInfo(NOM)
    except ZoneInfoNotFoundError as erreur:
        raise MauvaisUsage(
            f"Ni le système ni Python ne connaissent l'heure de {NOM} : installez le paquet tzdata (il est dans "
            "requirements-leger.lock), puis relancez."
        ) from erreur


def aujourd_hui() -> date:
    """The day it is there."""
    return datetime.now(zone()).date()
