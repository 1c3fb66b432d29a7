"""The calendar of the law and of the conventions, once: what is due when, for whom, by which text, what makes it.

Read by the due dates of a campaign (`calendrier`), by the recipes of the machine (`programmation`) and by the
deployments of Prefect: a date is written here and nowhere else.
"""

from dataclasses import dataclass
from datetime import date

BAILLEUR = "_bailleur"
PUBLIQUE = "--public"


@dataclass(frozen=True)
class Depart:
    """When the machine runs it by itself (at 6 h): its day and month, its name there, its deployment under Prefect."""

    jour: int
    mois: int
    tache: str
    deploiement: str


@dataclass(frozen=True)
class Obligation:
    """What is due on `jour`/`mois`, `apres` years after the exercice.

    `type`: only for the réservataires of this type, `BAILLEUR` for the bailleur itself. `champ`: the column where a
    convention may write another day. `au`: the last day counted (jj/mm) when the exercice is not over. In `objet` and
    `commande`, `{annee}` is the exercice, `{au}` that last day, `{jour}` the day it is due.
    """

    objet: str
    jour: int
    mois: int
    apres: int
    source: str
    type: str = ""
    champ: str = ""
    au: str = ""
    commande: str = "bilan {annee}"
    depart: Depart | None = None

    def ecrire(self, texte: str, annee: str, du: date | None = None) -> str:
        """`objet` or `commande` for an exercice; `du` is the day it is due, when a convention says another."""
        jour = f"{du:%d/%m/%Y}" if du else f"{self.jour:02d}/{self.mois:02d}/{annee}"
        return texte.replace("{au}", f"{self.au}/{annee}").replace("{jour}", jour).replace("{annee}", annee)


_A_UNE_DATE = "bilan {annee} --au {au}"
# Each starts some two weeks before it is due: time to mend the files and run again. « Avant le 1er mars » is
# 28 February; a yearly duty without a date is due by the end of the year; a point, thirty days after its last day.
CALENDRIER = (
    Obligation("état des lieux", 30, 11, 0, "CCH R.441-5, [001] art. 3", champ="date_edl",
               commande="etat-des-lieux {jour}",
               depart=Depart(15, 11, "etat-des-lieux", "etat-des-lieux-30-novembre")),
    Obligation("part d'Action Logement", 31, 1, 1, "[003] art. 4 d", type="action_logement",
               depart=Depart(15, 1, "part-als", "als-31-janvier")),
    Obligation("bilan {annee}", 28, 2, 1, "CCH R.441-5, R.441-5-1", champ="date_bilan",
               depart=Depart(13, 2, "bilan", "bilan-28-fevrier")),
    Obligation("point au {au}", 30, 7, 0, "[001] art. 8", au="30/06", commande=_A_UNE_DATE,
               depart=Depart(1, 7, "point-juin", "points-juin-septembre")),
    Obligation("point au {au}", 30, 10, 0, "[001] art. 8", au="30/09", commande=_A_UNE_DATE,
               depart=Depart(1, 10, "point-septembre", "points-juin-septembre")),
    Obligation("QPV à proposer au maire", 28, 2, 1, "CCH L.441-1 al. 44", type=BAILLEUR),
    Obligation("fins de garantie, aux garants", 28, 2, 1, "CCH R.441-6", type=BAILLEUR),
    Obligation("relevé au préfet (à vérifier)", 28, 2, 1, "arrêté du 7 mars 2008, art. 1", type=BAILLEUR),
    Obligation("bilan à la CIL", 31, 3, 1, "[001] art. 8", type=BAILLEUR),
    Obligation("semestre au préfet", 15, 7, 0, "CCH L.441-1 al. 33", type=BAILLEUR, au="30/06", commande=_A_UNE_DATE),
    Obligation("semestre au préfet", 15, 1, 1, "CCH L.441-1 al. 33", type=BAILLEUR),
    Obligation("désignations, public", 31, 12, 1, "CCH L.441-1 al. 21", type=BAILLEUR,
               commande=f"bilan {{annee}} {PUBLIQUE}"),
)  # fmt: skip
PARTANTES = tuple((o, o.depart) for o in CALENDRIER if o.depart)
"""Those that the machine runs, and when."""
INVENTAIRE = next(o for o in CALENDRIER if o.champ == "date_edl")
