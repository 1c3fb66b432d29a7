"""The published warehouse used again, when nothing that it depends on has changed."""

import os
import shutil
from pathlib import Path

from flows.anomalies import Anomalie, Gravite
from flows.campagne import Campagne
from flows.chemins import ENTREPOT
from flows.entrepot.chargement import connecter
from flows.entrepot.controles import COLONNES
from flows.etapes import etape
from flows.fichiers import FichierRecu
from flows.publication.manifeste import lire_manifeste
from flows.tables.lecture import Comptage, Lecture


@etape("Reprise de l'entrepôt publié")
def reprendre(campagne: Campagne, base: Path) -> tuple[list[FichierRecu], Lecture, list[Anomalie]]:
    """The published warehouse in `base` (the same file where the disk can), with what a run knows once it is made: the
    files received, the row accounting, every anomaly. It is only read from now on.
    """
    publie = campagne.sorties / ENTREPOT
    try:
        os.link(publie, base)
    except OSError:
        shutil.copy2(publie, base)
    manifeste = lire_manifeste(campagne.sorties)
    entrees = manifeste["executions"][manifeste["sorties"][ENTREPOT]["execution"]]["entrees"]
    recus = [
        FichierRecu(nom, campagne.entrees / nom, fiche["table"], fiche["octets"], fiche["sha256"])
        for nom, fiche in entrees.items()
    ]
    with connecter(base, lecture_seule=True) as con:
        comptages = con.execute(
            "select table_metier, fichier, feuille, lues, acceptees, rejetees, doubles from audit.comptage_lignes"
        ).fetchall()
        relevees = con.execute(f"select {', '.join(COLONNES)} from audit.anomalies order by rowid").fetchall()
    champs = (dict(zip(COLONNES, ligne, strict=True)) for ligne in relevees)
    anomalies = [Anomalie(**c | {"gravite": Gravite(c["gravite"])}) for c in champs]
    return recus, Lecture(comptages=[Comptage(*ligne) for ligne in comptages]), anomalies
