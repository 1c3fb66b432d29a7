"""`repartition_<annee>_<code>.csv`: the bilan of R.441-5-1 by réservataire, on the perimeter of each bilan.

Contract: « for every bilan (a réservataire's own on its perimeter, `_bailleur`, each EPCI), every réservataire with an
event on that perimeter, `non_reserve` for events that name none … For one bilan, measure and dimension, all
réservataires and modalities add up to the events of the perimeter ». « An attribution or a lease is one (dwelling,
date) and belongs to the réservataire of the candidate who signed, else who accepted, else of the smallest rang, then
id_decision ».
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from tests.reference.mesures import Fait, Faits

MESURES = ("proposes", "attribues", "mises_a_disposition", "attributions", "baux_signes")
DIMENSIONS = ("typologie", "financement", "qpv", "commune", "periode_construction")
NON_RESERVE = "non_reserve"
# (code_reservataire, mesure, dimension, modalite) → number; a measure that is not available is absent.
Repartition = dict[tuple[str, str, str, str], Fraction]


def repartir(
    mesures: Mapping[str, Faits],
    du_perimetre: Callable[[str], bool],
    caracteristiques: Callable[[str], Mapping[str, str]],
) -> Repartition:
    """Facts of the perimeter by réservataire and modality.

    Args:
        mesures: the facts of the whole bailleur.
        du_perimetre: whether a perimeter holds a dwelling.
        caracteristiques: modalities of a dwelling.
    """
    compte: Counter[tuple[str, str, str, str]] = Counter()
    for mesure in MESURES:
        faits: Iterable[Fait] = mesures[mesure] or ()
        for fait in faits:
            if not du_perimetre(fait.logement):
                continue
            code = fait.code or NON_RESERVE
            compte[code, mesure, "total", "total"] += 1
            for dimension in DIMENSIONS:
                compte[code, mesure, dimension, caracteristiques(fait.logement)[dimension]] += 1
    return {cle: Fraction(combien) for cle, combien in compte.items()}
