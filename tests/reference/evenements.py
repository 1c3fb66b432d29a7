"""Measures of the bilan in the reference computation: facts selected row by row, then counted by modality.

Readings of the contract chosen here:
 6. Events name their réservataire by their own column: an attribution without code is nobody's, even on a
    proposition.
 7. An attribution is "on a first-letting proposition" when its id_proposition is the one of a row with
    premiere_location oui, annulled or not; without the table `propositions` none is. Mutations and relogements are
    counted on first lettings too (the contract does not leave them out).
 8. Annulled propositions count nowhere: neither as premieres_locations nor in bail_ou_refus.
 9. A blank reponse_candidat is no answer yet, not a silence: no refusal.
10. bail_ou_refus, refused part: a proposition of the réservataire, not first-letting, on which no row has a lease
    whatever its date or categorie, and whose rows attributed in droit_commun (whatever their code_reservataire and
    date) are at least one and all refused; it counts in the year of their last date_caleol. Carence part: by
    date_mise_a_disposition. A proposition that satisfies both counts once.
11. ALS: rows whose designataire is bailleur leave before any grouping, also for the refused part (a lease signed by
    the bailleur's own candidate does not save a proposition that all ALS's candidates refused). Propositions are not
    concerned.
12. Candidate that gives its public to a group: with a lease, else accepte, else lowest rang (blank last), else
    id_decision.
13. `_bailleur`: attributions and leases distinct over all réservataires, the blank code included; its decompte is the
    sum of the réservataires' decomptes.
14. liberations_hors_flux: releases of N of dwellings placed in the perimeter by their characteristics (N, N+1,
    inventory) that are not in the parc soumis at 1/1/N; a dwelling without known place is in the bailleur's perimeter
    only.
15. A measure is None ("non fourni") without its table; bail_ou_refus needs propositions and attributions. objectif
    has only its total, and is None without a row for (N, code).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.reference.patrimoine import (
    DIMENSIONS,
    NON_RENSEIGNE,
    Ligne,
    Patrimoine,
    Tables,
    jour,
    nombre,
    texte,
)

ATTRIBUEES = {"attribution", "attribution_rang", "attribution_condition"}
REFUSEES = {"refuse", "sans_reponse"}
CATEGORIES = {
    "mutations_internes": "mutation_interne",
    "relogements_anru": "relogement_anru",
    "relogements_orcod": "relogement_orcod",
    "relogements_lhi": "relogement_lhi",
    "relogements_vente": "relogement_vente",
}
Compte = dict[tuple[str, str, str], Fraction | None]


@dataclass(frozen=True)
class Fait:
    """One thing counted: a dwelling and the public it served."""

    cle: str
    public: str = NON_RENSEIGNE


def public_de(candidat: Ligne) -> str:
    """dalo, prioritaire, autre, or non_renseigne when both columns are blank."""
    dalo, prioritaire = texte(candidat, "dalo"), texte(candidat, "prioritaire")
    if dalo == "oui":
        return "dalo"
    if prioritaire == "oui":
        return "prioritaire"
    return "autre" if dalo or prioritaire else NON_RENSEIGNE


def retenu(candidats: Iterable[Ligne]) -> Ligne:
    """The candidate whose public describes the group."""

    def rang_de(candidat: Ligne) -> tuple[bool, bool, Fraction, str]:
        rang = nombre(candidat, "rang")
        return (
            not texte(candidat, "date_signature_bail"),
            texte(candidat, "reponse_candidat") != "accepte",
            Fraction(10**9) if rang is None else rang,
            texte(candidat, "id_decision"),
        )

    return min(candidats, key=rang_de)


class Journal:
    """The events of a campaign, dated and placed.

    Args:
        tables: canonical rows, exact duplicates already removed.
        patrimoine: the dwellings.
        debut, fin: first and last days counted.
    """

    def __init__(self, tables: Tables, patrimoine: Patrimoine, debut: date, fin: date) -> None:
        self.patrimoine, self.debut, self.fin = patrimoine, debut, fin
        self.liberations = tables.get("liberations")
        self.propositions = tables.get("propositions")
        self.attributions = tables.get("attributions")
        self._premieres = {
            texte(ligne, "id_proposition") for ligne in self.propositions or () if est_premiere_location(ligne)
        }

    def dans_la_periode(self, quand: date | None) -> bool:
        """True for a day counted in N."""
        return quand is not None and self.debut <= quand <= self.fin

    def liberees(self, debut: date, fin: date) -> set[tuple[str, date]]:
        """Distinct (dwelling, date_liberation) between two days, whatever the dwelling."""
        paires = ((self.patrimoine.cle_de(ligne), jour(ligne, "date_liberation")) for ligne in self.liberations or ())
        return {(cle, quand) for cle, quand in paires if quand is not None and debut <= quand <= fin}

    def attributions_retenues(self) -> list[Ligne]:
        """Candidates attributed in droit_commun, not on a first-letting proposition, whatever the date."""
        return [
            ligne
            for ligne in self.attributions or ()
            if texte(ligne, "decision") in ATTRIBUEES
            and texte(ligne, "categorie") == "droit_commun"
            and texte(ligne, "id_proposition") not in self._premieres
        ]

    def groupes(self, lignes: Iterable[Ligne], colonne: str) -> list[Fait]:
        """One fact per distinct (dwelling, date of the column) in N."""
        groupes: dict[tuple[str, date], list[Ligne]] = defaultdict(list)
        for ligne in lignes:
            quand = jour(ligne, colonne)
            if quand is not None and self.dans_la_periode(quand):
                groupes[(self.patrimoine.cle_de(ligne), quand)].append(ligne)
        return [Fait(cle, public_de(retenu(candidats))) for (cle, _), candidats in groupes.items()]

    def mises_a_disposition(self, garde: Callable[[Ligne], bool], premieres: bool) -> list[Fait]:
        """Propositions of N, either first lettings or the others."""
        return [
            Fait(self.patrimoine.cle_de(ligne))
            for ligne in self.propositions or ()
            if garde(ligne)
            and self.dans_la_periode(jour(ligne, "date_mise_a_disposition"))
            and texte(ligne, "issue") != "annulation"
            and est_premiere_location(ligne) == premieres
        ]

    def mesures(self, garde: Callable[[Ligne], bool]) -> dict[str, list[Fait] | None]:
        """Facts of each event measure for the rows kept by `garde`; None without the table."""
        mesures: dict[str, list[Fait] | None] = {}
        sans_propositions, sans_attributions = self.propositions is None, self.attributions is None
        mesures["mises_a_disposition"] = None if sans_propositions else self.mises_a_disposition(garde, False)
        mesures["premieres_locations"] = None if sans_propositions else self.mises_a_disposition(garde, True)
        retenues = [ligne for ligne in self.attributions_retenues() if garde(ligne)]
        mesures["attributions"] = None if sans_attributions else self.groupes(retenues, "date_caleol")
        mesures["refus"] = (
            None
            if sans_attributions
            else [
                Fait(self.patrimoine.cle_de(ligne), public_de(ligne))
                for ligne in retenues
                if texte(ligne, "reponse_candidat") in REFUSEES and self.dans_la_periode(jour(ligne, "date_caleol"))
            ]
        )
        mesures["baux_signes"] = None if sans_attributions else self.groupes(retenues, "date_signature_bail")
        for mesure, categorie in CATEGORIES.items():
            lignes = [
                ligne
                for ligne in self.attributions or ()
                if garde(ligne) and texte(ligne, "decision") in ATTRIBUEES and texte(ligne, "categorie") == categorie
            ]
            mesures[mesure] = None if sans_attributions else self.groupes(lignes, "date_caleol")
        return mesures

    def decompte(self, code: str, evenement: str, sans_partenariat: bool) -> list[Fait] | None:
        """Facts that count towards the objective of a réservataire; None without the tables of its event."""
        if evenement == "mise_a_disposition":
            if self.propositions is None:
                return None
            return self.mises_a_disposition(lambda ligne: texte(ligne, "code_reservataire") == code, False)
        if self.attributions is None or (evenement == "bail_ou_refus" and self.propositions is None):
            return None

        def du_reservataire(ligne: Ligne) -> bool:
            return not (sans_partenariat and texte(ligne, "designataire") == "bailleur")

        retenues = [ligne for ligne in self.attributions_retenues() if du_reservataire(ligne)]
        siennes = [ligne for ligne in retenues if texte(ligne, "code_reservataire") == code]
        if evenement == "attribution":
            return self.groupes(siennes, "date_caleol")
        baux = self.groupes(siennes, "date_signature_bail")
        if evenement == "bail":
            return baux
        louees = {
            texte(ligne, "id_proposition")
            for ligne in self.attributions or ()
            if du_reservataire(ligne) and texte(ligne, "date_signature_bail")
        }
        candidats: dict[str, list[Ligne]] = defaultdict(list)
        for ligne in retenues:
            candidats[texte(ligne, "id_proposition")].append(ligne)
        return baux + list(self._tenues_sans_bail(code, louees, candidats))

    def _tenues_sans_bail(self, code: str, louees: set[str], candidats: Mapping[str, list[Ligne]]) -> Iterable[Fait]:
        for proposition in self.propositions or ():
            identifiant = texte(proposition, "id_proposition")
            if (
                texte(proposition, "code_reservataire") != code
                or est_premiere_location(proposition)
                or texte(proposition, "issue") == "annulation"
            ):
                continue
            groupe = candidats.get(identifiant, [])
            tous_refusent = bool(groupe) and all(texte(ligne, "reponse_candidat") in REFUSEES for ligne in groupe)
            cle = self.patrimoine.cle_de(proposition)
            if identifiant not in louees and tous_refusent:
                derniere = max(quand for ligne in groupe if (quand := jour(ligne, "date_caleol")) is not None)
                if self.dans_la_periode(derniere):
                    yield Fait(cle, public_de(retenu(groupe)))
                    continue
            carence = texte(proposition, "issue") == "carence" and bool(texte(proposition, "date_relance"))
            if carence and self.dans_la_periode(jour(proposition, "date_mise_a_disposition")):
                yield Fait(cle)


def est_premiere_location(proposition: Ligne) -> bool:
    """True for a first letting of a new programme."""
    return texte(proposition, "premiere_location") == "oui"


def compter(mesure: str, faits: Iterable[tuple[Mapping[str, str], str]] | None) -> Compte:
    """Counts of a measure by dimension and modality; only a None total when it is not available.

    Args:
        mesure: its name.
        faits: for each fact, the modalities of its dwelling and its public.
    """
    if faits is None:
        return {(mesure, "total", "total"): None}
    compte: Counter[tuple[str, str, str]] = Counter({(mesure, "total", "total"): 0})
    for modalites, public in faits:
        compte[(mesure, "total", "total")] += 1
        for dimension in DIMENSIONS:
            compte[(mesure, dimension, public if dimension == "public" else modalites[dimension])] += 1
    return {cle: Fraction(nombre_de_faits) for cle, nombre_de_faits in compte.items()}
