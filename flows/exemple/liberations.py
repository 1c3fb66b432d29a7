"""Releases of the three years that the rotation can need."""

from dataclasses import dataclass
from datetime import date, timedelta

from flows.exemple.droits import Ligne
from flows.exemple.hasard import Hasard
from flows.exemple.parc import EXERCICE, PETITE_TERRE, Logement

PAR_ANNEE = {EXERCICE - 2: 164, EXERCICE - 1: 171, EXERCICE: 170}
MOTIFS_DEPART = (
    "Congé du locataire",
    "Mutation interne",
    "Accession à la propriété",
    "Départ pour l’emploi",
    "Décès",
    "Entrée en établissement (personne âgée)",
    "Expulsion",
)
POIDS_DEPART = (40, 15, 14, 14, 8, 6, 3)
# From here on a release goes through the events of the exercice; before, only its new letting is known.
DEBUT_EVENEMENTS = date(EXERCICE - 1, 12, 1)


@dataclass(eq=False)
class Liberation:
    """One release; `relocation` is the day of the new lease, when there is one."""

    logement: Logement
    conge: date
    liberation: date
    motif: str
    relocation: date | None = None

    def ligne(self) -> Ligne:
        """Row of the table `liberations`; a lease after the exercice is not known yet."""
        connue = self.relocation if self.relocation and self.relocation.year <= EXERCICE else None
        return {
            "ident_rep": self.logement.ident_rep,
            "date_conge": self.conge,
            "date_liberation": self.liberation,
            "motif_depart": self.motif,
            "date_relocation": connue,
        }


def tirer_liberations(parc: list[Logement], exclus: dict[Logement, str], hasard: Hasard) -> list[Liberation]:
    """Releases of the three years, by date; those before `DEBUT_EVENEMENTS` are let again at once.

    Petite-Terre has some before the exercice and none in it: its convention needs the mean of three years.
    Dwellings kept for the services of the State are released too (out of flux), one of Furiani for the event
    outside its perimeter, one dwelling twice in the exercice.
    """
    toutes: list[Liberation] = []
    for annee, nombre in PAR_ANNEE.items():
        possibles = [x for x in parc if _peut_etre_libere(x, annee)]
        a_petite_terre = [x for x in possibles if x.public["EPCI"] == PETITE_TERRE]
        ailleurs = [x for x in possibles if x.public["EPCI"] != PETITE_TERRE]
        choisis = hasard.tirage(ailleurs, nombre)
        if annee < EXERCICE:
            choisis += hasard.tirage(a_petite_terre, 2)
        else:
            reserves = ("defense", "securite_interieure", "sante")
            for motif in reserves:
                choisis += hasard.tirage([x for x in ailleurs if exclus.get(x) == motif and x not in choisis], 3)
            choisis += hasard.tirage([x for x in ailleurs if x.commune == "2B120" and x not in choisis], 1)
        toutes += [_liberer(x, hasard.jour(date(annee, 1, 3), date(annee, 12, 30)), hasard) for x in choisis]
    toutes.sort(key=lambda x: (x.liberation, x.logement.ident_rep))
    deux_fois = next(x for x in toutes if x.liberation.year == EXERCICE and x.relocation is None)
    toutes.append(_liberer(deux_fois.logement, date(EXERCICE, 11, 28), hasard))
    return sorted(toutes, key=lambda x: (x.liberation, x.logement.ident_rep))


def _peut_etre_libere(logement: Logement, annee: int) -> bool:
    deja = max(logement.departs, default=date.min)
    return (
        logement.mode == "1"
        and logement.sortie is None
        and logement.mise_en_location < EXERCICE - 2
        and deja < date(annee - 1, 7, 1)
        and max(logement.baux) < date(annee, 1, 1)
    )


def _liberer(logement: Logement, jour: date, hasard: Hasard) -> Liberation:
    preavis = 30 if hasard.chance(40) else 90
    liberation = Liberation(
        logement=logement,
        conge=jour - timedelta(days=preavis),
        liberation=jour,
        motif=hasard.pondere(MOTIFS_DEPART, POIDS_DEPART),
    )
    logement.departs.append(jour)
    if jour < DEBUT_EVENEMENTS:
        liberation.relocation = jour + timedelta(days=hasard.entier(10, 70))
        logement.baux.append(liberation.relocation)
    return liberation
