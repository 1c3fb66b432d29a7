"""The flow of a refusal: the anomalies of a run that stopped, published where nothing published is touched."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flows.anomalies import Anomalie, ArretBloquant, Gravite
from flows.bilan import CompteRendu
from flows.campagne import Campagne
from flows.chemins import ENTREPOT, MANIFESTE
from flows.depot import reception
from flows.entrepot import chargement, controles
from flows.etapes import est_une_interruption
from flows.livrables import redaction
from flows.publication import incidents, parution, registre
from flows.tables.lecture import Lecture

Parcours = Callable[[Campagne], CompteRendu]


@dataclass(frozen=True)
class Refus:
    """Why a run stopped, and where every anomaly is; `controles` is None when even that could not be written."""

    anomalies: list[Anomalie]
    controles: Path | None


def mener(parcours: Parcours, campagne: Campagne) -> CompteRendu | Refus:
    """Runs a flow to its end: published, or refused with its anomalies written; the register has that end, any end."""
    try:
        return parcours(campagne)
    except ArretBloquant as arret:
        return refuser(campagne, arret)
    except BaseException as erreur:
        fin = "interruption" if est_une_interruption(erreur) else "echec"
        with suppress(Exception):  # the error that ends the run is the one to tell
            deposes = reception.deposes(campagne.entrees)
            registre.inscrire(campagne, fin, {"erreur": type(erreur).__name__, "entrees": deposes})
        raise


def refuser(campagne: Campagne, arret: ArretBloquant) -> Refus:
    """Writes the anomalies of a run that stopped, without touching what was published.

    They go to the outputs themselves when nothing was ever published there, else beside them (`<sorties>-a-corriger`).
    A disk that is full or closed gets no report: whether it would still fit there is luck.
    """
    if any(a.code in incidents.SANS_RAPPORT for a in arret.anomalies):
        return Refus(arret.anomalies, None)
    try:
        return Refus(arret.anomalies, _ecrire(campagne, arret.anomalies))
    except (ArretBloquant, OSError):
        return Refus(arret.anomalies, None)


def _ecrire(campagne: Campagne, anomalies: list[Anomalie]) -> Path:
    lieux = [
        f"{a.fichier} ligne {a.ligne}" if a.ligne else a.fichier for a in anomalies if a.gravite == Gravite.BLOQUANT
    ]
    faits = {"anomalies": len(anomalies), "lieux": [lieu for lieu in lieux if lieu][:3]}
    registre.inscrire(campagne, "refus", faits | {"entrees": reception.deposes(campagne.entrees)})
    sorties = campagne.sorties
    if (sorties / MANIFESTE).exists() or (sorties.exists() and any(sorties.iterdir())):
        sorties = parution.dossier_du_refus(sorties)
    refus = Campagne(campagne.annee, campagne.entrees, sorties, campagne.au, commande="controler")
    with parution.chantier(refus) as chantier:
        base = chantier / parution.TRAVAIL / ENTREPOT
        chargement.remplir(refus, Lecture(), base, jetable=True)
        controles.consigner(base, anomalies)
        redaction.livrer_controles(base, chantier)
        parution.publier(refus, chantier, [], [])
    return sorties / "controles" / f"controles_{campagne.annee}.csv"
