"""What counts towards the objective of a réservataire: the décompte, convention by convention.

Contract, « decompte », « bail_ou_refus counts a proposition once » and « From one convention to the next ».

Every event is judged whatever its year, under the convention of its own day (date_mise_a_disposition, date_caleol,
date_signature_bail, last date_caleol of refusals, date_relance), and those of N are kept at the end: what the exercice
before counted is not counted again.

Choices:
 K1. A candidate whose proposition (of its own code) was counted, or whose attribution was, leaves its lease's event;
     the event remains when another candidate of the code keeps it.
 K2. « by a lease of its réservataire »: a lease that the décompte counts. A lease that it does not (mutation,
     designated by the bailleur, first letting, a convention that counts something else) leaves room for the carence.
 K3. Candidates judged for refusals are not asked whether they are first lettings: their proposition is.
 K4. Réservataires of defence, security and health have none.
"""

from collections.abc import Iterable
from datetime import date

from tests.reference.conventions import Convention, Conventions
from tests.reference.evenements import REFUSEES, Candidat, Evenement, Journal, Offre
from tests.reference.mesures import Fait, Faits, fait_de


class Decompte:
    """The décompte of one code.

    Args:
        journal: the events.
        conventions: those of the code.
    """

    def __init__(self, journal: Journal, conventions: Conventions) -> None:
        self.journal, self.conventions, self.code = journal, conventions, conventions.code
        self.offres = [offre for offre in journal.offres if offre.code == self.code and offre.compte]
        self.candidats = [
            candidat for candidat in journal.candidats if candidat.code == self.code and candidat.est_juge
        ]
        self.offres_comptees = {
            offre.numero for offre in self.offres if self._est("mise_a_disposition", offre.logement, offre.quand)
        }

    def faits(self) -> Faits:
        """Facts of N; None when a table that its conventions need is missing."""
        demandes = {convention.evenement for convention in self.conventions.toutes}
        sans_propositions = not self.journal.a_propositions and demandes & {"mise_a_disposition", "bail_ou_refus"}
        sans_attributions = not self.journal.a_attributions and demandes - {"mise_a_disposition"}
        if self.conventions.est_hors_flux or sans_propositions or sans_attributions:
            return None
        offres = [offre for offre in self.offres if offre.numero in self.offres_comptees]
        dates = [(offre.quand, Fait(offre.logement)) for offre in offres]
        attributions = self._evenements("caleol", ("attribution",), self._sans_offre_comptee(self.candidats))
        attribues = set(attributions)
        baux = self._evenements(
            "bail",
            ("bail", "bail_ou_refus"),
            [c for c in self._sans_offre_comptee(self.candidats) if (c.logement, c.caleol) not in attribues],
        )
        for evenements in (attributions, baux):
            dates += [(quand, fait_de(groupe)) for (_, quand), groupe in evenements.items()]
        groupes = [*attributions.values(), *baux.values()]
        deja = {candidat.offre.numero for groupe in groupes for candidat in groupe if candidat.offre is not None}
        dates += self._sans_bail(deja | self.offres_comptees)
        return [fait for quand, fait in dates if self.journal.dans_l_exercice(quand)]

    def _convention(self, logement: str, quand: date) -> Convention | None:
        return self.conventions.de_l_evenement(self.journal.registre.lieu(logement), quand)

    def _est(self, evenement: str, logement: str, quand: date) -> bool:
        convention = self._convention(logement, quand)
        return convention is not None and convention.evenement == evenement

    def _sans_offre_comptee(self, candidats: Iterable[Candidat]) -> list[Candidat]:
        return [c for c in candidats if c.offre is None or c.offre.numero not in self.offres_comptees]

    def _evenements(
        self, colonne: str, evenements: tuple[str, ...], candidats: Iterable[Candidat]
    ) -> dict[Evenement, list[Candidat]]:
        """Attributions or leases that their convention counts, whatever the year."""
        comptes: dict[Evenement, list[Candidat]] = {}
        for (logement, quand), groupe in self.journal.groupes(candidats, colonne, False).items():
            convention = self._convention(logement, quand)
            if convention is None or convention.evenement not in evenements:
                continue
            gardes = _du_flux(groupe, convention)
            if gardes:
                comptes[logement, quand] = gardes
        return comptes

    def _sans_bail(self, deja: set[int]) -> Iterable[tuple[date, Fait]]:
        """Propositions that bail_ou_refus counts by their refusals, else by their carence; `deja` are counted."""
        louees = {c.offre.numero for c in self.journal.candidats if c.bail is not None and c.offre is not None}
        siens: dict[int, list[Candidat]] = {}
        for candidat in self.candidats:
            if candidat.offre is not None:
                siens.setdefault(candidat.offre.numero, []).append(candidat)
        for offre in self.offres:
            if offre.numero in deja:
                continue
            refus = None if offre.numero in louees else self._refus(offre, siens.get(offre.numero, []))
            if refus is not None:
                yield refus
            elif offre.carence and (jour := offre.relance) and self._est("bail_ou_refus", offre.logement, jour):
                yield jour, Fait(offre.logement)

    def _refus(self, offre: Offre, candidats: Iterable[Candidat]) -> tuple[date, Fait] | None:
        """The day and fact of a proposition whose candidates all refused, None when it is not one."""
        juges = [c for c in candidats if _du_flux([c], self._convention(c.logement, c.caleol))]
        if not juges or any(candidat.reponse not in REFUSEES for candidat in juges):
            return None
        derniere = max(candidat.caleol for candidat in juges)
        return (derniere, fait_de(juges)) if self._est("bail_ou_refus", offre.logement, derniere) else None


def _du_flux(candidats: Iterable[Candidat], convention: Convention | None) -> list[Candidat]:
    exclut = convention is not None and convention.sans_partenariat
    return [candidat for candidat in candidats if not (exclut and candidat.designe_par_le_bailleur)]
