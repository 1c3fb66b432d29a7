"""The flow of the état des lieux (before 30 November): every right of reservation at a date, for each réservataire."""

from flows import preparation
from flows.bilan import CompteRendu, preparer
from flows.campagne import Campagne
from flows.chemins import ENTREPOT
from flows.execution import Directe, Execution
from flows.livrables import etats
from flows.publication import parution


def etat_des_lieux(campagne: Campagne, execution: Execution | None = None) -> CompteRendu:
    """Reads, computes, checks, delivers and publishes the inventory of rights at `campagne.au`.

    It is laid beside what is published: warehouse, bilans and index keep the counts of the bilan. Raises ArretBloquant
    with every anomaly when one of them is blocking.
    """
    faire = execution or Directe()
    with parution.chantier(campagne) as chantier:
        base = chantier / parution.TRAVAIL / ENTREPOT
        faire.etape("Vérification du gabarit", preparation.verifier_gabarit_etat)
        recus, lecture, anomalies = preparer(campagne, faire, chantier, base)
        fichiers = faire.etape("Classeurs et CSV", etats.livrer, base, chantier)
        faire.etape("Publication", preparation.publier, campagne, chantier, recus, lecture, externe=True)
    return CompteRendu(
        campagne.sorties,
        anomalies,
        sum(c.lues for c in lecture.comptages),
        sum(f.suffix == ".xlsx" for f in fichiers),
    )
