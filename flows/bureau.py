"""What the index says besides the documents: what was sent to whom, and the dates that the conventions set."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from flows.campagne import Campagne
from flows.chemins import ENTREPOT
from flows.entrepot.connexion import connecter
from flows.fichiers import sha256
from flows.livrables import redaction
from flows.livrables.page import Echeance
from flows.publication import registre
from flows.vie import calendrier

CONVENTIONS = """
    select code_reservataire, type_reservataire, jour_edl as date_edl, jour_bilan as date_bilan
    from staging.reservataires order by all"""


def indexer(campagne: Campagne, chantier: Path, dossier: str = "") -> Path:
    """Writes the index of `chantier`, whose warehouse is in `dossier`."""
    entrepot = chantier / dossier / ENTREPOT
    with connecter(entrepot, lecture_seule=True) as con:
        conventions = con.execute(CONVENTIONS).pl()
        dues: list[calendrier.Echeance] = []
        with suppress(OSError):  # a register out of reach is told by who writes in it
            dues = calendrier.echeances(conventions, campagne.annee, campagne.sorties)
        echeances = [Echeance(e.jour, e.objet, len(e.codes)) for e in dues]
        return redaction.indexer(
            entrepot, chantier, dossier=dossier, envois=envois(campagne, chantier), echeances=echeances
        )


def envois(campagne: Campagne, chantier: Path) -> dict[str, str]:
    """By réservataire, in words: when it was last sent, to whom, and whether its files have changed since."""
    derniers: dict[str, dict[str, Any]] = {}
    with suppress(OSError):
        derniers = registre.derniers_envois(campagne.sorties)
    dits = {}
    for code, ligne in derniers.items():
        remis = (ligne.get("remis") or {}).get(code) or {}
        change = any(_empreinte(chantier / nom) != sha for nom, sha in remis.items())
        dits[code] = f"{ligne.get('le', '')}, {ligne.get('par', '')}" + (" ; modifié depuis" if change else "")
    return dits


def _empreinte(fichier: Path) -> str:
    return sha256(fichier) if fichier.is_file() else ""
