"""Measures of a bilan: facts selected event by event, then counted by modality.

Contract, « Events », « Characteristics » and « One event, one réservataire ».

Choices:
 M1. `public` and `quartile` of dwellings, releases and propositions are non_renseigne.
 M2. `refus` counts candidates: each with its own public.
 M3. A measure is « non fourni » (None) without its table; `proposes` needs propositions, `attribues` attributions.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.reference.evenements import REFUSEES, Candidat, Journal, Offre, retenu
from tests.reference.lecture import NON_RENSEIGNE
from tests.reference.logements import DIMENSIONS

CATEGORIES = {
    "mutations_internes": "mutation_interne",
    "relogements_anru": "relogement_anru",
    "relogements_orcod": "relogement_orcod",
    "relogements_lhi": "relogement_lhi",
    "relogements_vente": "relogement_vente",
    "attributions_injonction": "injonction_prefet",
}
Compte = dict[tuple[str, str, str], Fraction | None]


@dataclass(frozen=True)
class Fait:
    """One thing counted: a dwelling, the public and quartile it served, the code it belongs to."""

    logement: str
    public: str = NON_RENSEIGNE
    quartile: str = NON_RENSEIGNE
    code: str = ""


Faits = list[Fait] | None


def fait_de(candidats: Iterable[Candidat]) -> Fait:
    """The event of a group of candidates: that of the candidate kept."""
    choisi = retenu(candidats)
    return Fait(choisi.logement, choisi.public, choisi.quartile, choisi.code)


def mesures(
    journal: Journal, des_offres: Callable[[Offre], bool], des_candidats: Callable[[Candidat], bool]
) -> dict[str, Faits]:
    """Facts of N of each event measure.

    Args:
        journal: the events.
        des_offres, des_candidats: which rows are looked at.
    """
    resultat: dict[str, Faits] = {}
    offres: dict[bool, Faits] = {False: None, True: None}
    if journal.a_propositions:
        for premieres in offres:
            offres[premieres] = [
                Fait(offre.logement, code=offre.code)
                for offre in journal.offres
                if des_offres(offre)
                and journal.dans_l_exercice(offre.quand)
                and not offre.annulee
                and offre.premiere == premieres
            ]
    resultat["mises_a_disposition"], resultat["premieres_locations"] = offres[False], offres[True]

    def evenements(candidats: Iterable[Candidat], evenement: str, premieres: bool | None) -> Faits:
        if not journal.a_attributions:
            return None
        groupes = journal.groupes(candidats, evenement, premieres)
        return [fait_de(groupe) for (_, quand), groupe in groupes.items() if journal.dans_l_exercice(quand)]

    retenus = [candidat for candidat in journal.candidats if candidat.est_juge and des_candidats(candidat)]
    resultat["attributions"] = evenements(retenus, "caleol", False)
    resultat["baux_signes"] = evenements(retenus, "bail", False)
    resultat["premieres_locations_attribuees"] = evenements(retenus, "caleol", True)
    resultat["premieres_locations_baux"] = evenements(retenus, "bail", True)
    resultat["proposes"] = _ensemble(resultat["mises_a_disposition"], resultat["premieres_locations"])
    resultat["attribues"] = _ensemble(resultat["attributions"], resultat["premieres_locations_attribuees"])
    resultat["refus"] = None
    if journal.a_attributions:
        resultat["refus"] = [
            fait_de([candidat])
            for candidat in retenus
            if candidat.reponse in REFUSEES
            and journal.dans_l_exercice(candidat.caleol)
            and not journal.est_premiere("caleol", candidat.logement, candidat.caleol)
        ]
    for mesure, categorie in CATEGORIES.items():
        resultat[mesure] = evenements(
            [c for c in journal.candidats if c.est_attribue and c.categorie == categorie and des_candidats(c)],
            "caleol",
            None,
        )
    return resultat


def _ensemble(premiers: Faits, seconds: Faits) -> Faits:
    return None if premiers is None or seconds is None else premiers + seconds


def compter(mesure: str, faits: Iterable[tuple[Mapping[str, str], Fait]] | None) -> Compte:
    """Counts of a measure by dimension and modality; only a None total when it is not available.

    Args:
        mesure: its name.
        faits: each fact, with the modalities of its dwelling.
    """
    if faits is None:
        return {(mesure, "total", "total"): None}
    compte: Counter[tuple[str, str, str]] = Counter({(mesure, "total", "total"): 0})
    for modalites, fait in faits:
        compte[(mesure, "total", "total")] += 1
        toutes = {**modalites, "public": fait.public, "quartile": fait.quartile}
        for dimension in DIMENSIONS:
            compte[(mesure, dimension, toutes[dimension])] += 1
    return {cle: Fraction(combien) for cle, combien in compte.items()}
