"""The published warehouse used again, when nothing that it depends on has changed."""

import os
import shutil
from pathlib import Path

from flows.anomalies import Anomalie, Gravite
from flows.entrepot.connexion import connecter
from flows.entrepot.controles import COLONNES
from flows.etapes import etape
from flows.tables.lecture import Comptage, Lecture


@etape("Reprise de l'entrepôt publié")
def reprendre(publie: Path, base: Path) -> tuple[Lecture, list[Anomalie]]:
    """The published warehouse in `base` (the same file where the disk can), with what a run knows once it is made: the
    row accounting, every anomaly. It is only read from now on.
    """
    base.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(publie, base)
    except OSError:
        shutil.copy2(publie, base)
    with connecter(base, lecture_seule=True) as con:
        comptages = con.execute(
            "select table_metier, fichier, feuille, lues, acceptees, rejetees, doubles from audit.comptage_lignes"
        ).fetchall()
        relevees = con.execute(f"select {', '.join(COLONNES)} from audit.anomalies order by rowid").fetchall()
    champs = (dict(zip(COLONNES, ligne, strict=True)) for ligne in relevees)
    anomalies = [Anomalie(**c | {"gravite": Gravite(c["gravite"])}) for c in champs]
    return Lecture(comptages=[Comptage(*ligne) for ligne in comptages]), anomalies
