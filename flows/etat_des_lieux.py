"""The flow of the état des lieux (before 30 November): every right of reservation at a date, for each réservataire."""

from pathlib import Path

from flows import bureau
from flows.bilan import CompteRendu, preparer, publier
from flows.campagne import Campagne
from flows.chemins import ENTREPOT
from flows.livrables import etats, verification_gabarits
from flows.publication import editions, parution


def etat_des_lieux(campagne: Campagne) -> CompteRendu:
    """Reads, computes, checks, delivers and publishes the inventory of rights at `campagne.au`.

    It is laid beside what is published: warehouse and bilans stay, the index of the bilan shows it too. Raises
    ArretBloquant with every anomaly when one of them is blocking.
    """
    with parution.chantier(campagne) as chantier:
        base = chantier / parution.TRAVAIL / ENTREPOT
        verification_gabarits.verifier_document(etats.GABARIT, etats.SYNTHESE)
        recus, lue, anomalies = preparer(campagne, chantier, base)
        fichiers = etats.livrer(base, chantier, editions=editions.preparer(campagne))
        nb_etats = sum(f.suffix == ".xlsx" for f in fichiers)

        def indexer() -> list[Path]:
            return [bureau.indexer(campagne, chantier)] if (chantier / ENTREPOT).exists() else []

        return publier(campagne, chantier, recus, lue, anomalies, fichiers, nb_etats, indexer)
