"""The flow of the yearly bilan (28 February): from the files dropped to every réservataire's bilan."""

from dataclasses import asdict, dataclass
from pathlib import Path

from flows import preparation
from flows.anomalies import Anomalie, ArretBloquant, Gravite, joindre
from flows.campagne import Campagne
from flows.chemins import ENTREPOT
from flows.entrepot import chargement
from flows.execution import Directe, Execution
from flows.livrables import annexe, redaction, version_publique
from flows.preparation import Recus
from flows.publication import parution
from flows.tables.lecture import Lecture


@dataclass(frozen=True)
class CompteRendu:
    """What a run has to say at its end."""

    sorties: Path
    anomalies: list[Anomalie]
    nb_lignes: int
    nb_bilans: int

    def nombre(self, gravite: Gravite) -> int:
        """How many anomalies of that gravity."""
        return sum(a.gravite is gravite for a in self.anomalies)


def bilan(campagne: Campagne, execution: Execution | None = None) -> CompteRendu:
    """Reads, computes, checks, delivers and publishes a campaign.

    Raises ArretBloquant with every anomaly when one of them is blocking; what was published is then untouched.
    """
    faire = execution or Directe()
    with parution.chantier(campagne) as chantier:
        base = chantier / ENTREPOT
        seuil = int(dict(campagne.options).get("public", 0))
        if seuil:
            faire.etape("Vérification du gabarit public", preparation.verifier_gabarit_public)
        recus, lecture, anomalies = preparer(campagne, faire, chantier, base)
        with joindre(anomalies):
            faire.etape("Annexes à signer", annexe.ecrire_annexes, base, chantier, campagne.reservataires)
            if seuil:
                publique = chantier / parution.TRAVAIL / "public.duckdb"
                faire.etape("Secret statistique", version_publique.rediger, base, publique, seuil)
                faire.etape("Version publique", version_publique.livrer, publique, chantier)
            fichiers = faire.etape("Classeurs, pages et CSV", redaction.livrer, base, chantier, campagne.reservataires)
            faire.etape("Publication", preparation.publier, campagne, chantier, recus, lecture, externe=True)
    return CompteRendu(
        campagne.sorties,
        anomalies,
        sum(c.lues for c in lecture.comptages),
        sum(f.suffix == ".html" and f.name.startswith("bilan_") for f in fichiers),
    )


def controler(campagne: Campagne, execution: Execution | None = None) -> CompteRendu:
    """Reads and checks a campaign; publishes only the anomalies."""
    faire = execution or Directe()
    with parution.chantier(campagne) as chantier:
        base = chantier / parution.TRAVAIL / ENTREPOT
        recus, lecture, anomalies = preparer(campagne, faire, chantier, base)
        faire.etape("Anomalies", redaction.livrer_controles, base, chantier)
        faire.etape("Publication", preparation.publier, campagne, chantier, recus, lecture, externe=True)
    return CompteRendu(campagne.sorties, anomalies, sum(c.lues for c in lecture.comptages), 0)


def preparer(campagne: Campagne, faire: Execution, chantier: Path, base: Path) -> tuple[Recus, Lecture, list[Anomalie]]:
    """What every flow begins with: from the files dropped to a checked warehouse in `base`."""
    faire.etape("Vérification des gabarits", preparation.verifier_gabarits)
    recus = faire.etape("Réception des fichiers", preparation.recevoir, campagne, externe=True)
    lecture = faire.etape(
        "Lecture et contrôle des lignes", preparation.lire, campagne, recus, chantier / parution.TRAVAIL
    )
    faire.montrer("comptage-lignes", "Lignes lues, acceptées, rejetées", [asdict(c) for c in lecture.comptages])
    with joindre(lecture.anomalies):
        faire.etape("Chargement de l'entrepôt", chargement.remplir, campagne, lecture, base)
        faire.etape("Calcul", chargement.calculer, base)
    anomalies = faire.etape("Contrôles", preparation.controler, lecture, base, campagne)
    faire.montrer("anomalies", "Anomalies de la campagne", [asdict(a) for a in anomalies])
    return recus, lecture, anomalies


def signaler_refus(campagne: Campagne, arret: ArretBloquant) -> Path:
    """Writes the anomalies of a run that stopped, without touching what was published; returns their folder.

    They go to the outputs themselves when nothing was ever published there, else beside them (`<sorties>-a-corriger`).
    """
    return preparation.ecrire_refus(campagne, arret.anomalies)
