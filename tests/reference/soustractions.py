"""Lines f and g: forecasts of N+1, whole, pro rata or not at all on a perimeter.

Contract, « f »: « for each row of `previsions` of N+1 with territory T (its echelle and code; blank = the whole
bailleur): nombre × |S ∩ P ∩ T| ÷ |S ∩ T|, where P is the perimeter and S the parc soumis at the date of the annexe with
the convention's options … When S ∩ T is empty: whole if every dwelling of the parc in T is in P, else 0; a T without
any dwelling of the parc: 0. » « Rows of one year, categorie and code_operation (not blank) at several scales: only the
finest scale counts (commune, then ept or epci, then departement, then bailleur) ». « Line g is the categorie
`autres_deductions` of `previsions` (with accord_prefet), else 0. A forecast with a blank or negative nombre, or of
categorie droit_commun or injonction_prefet, is rejected. »

Choices:
 S1. g is shared as f is; a row of `autres_deductions` without accord_prefet counts nowhere.
 S2. Rejected rows, and deductions without accord, do not take part in « the finest scale ».
 S3. Without `previsions`, g is 0 (the contract names f, h and j only).
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from tests.reference.geographie import Perimetre, perimetre_de
from tests.reference.lecture import Ligne, Tables, nombre, texte
from tests.reference.logements import Logement

CATEGORIES = ("mutation_interne", "relogement_anru", "relogement_orcod", "relogement_lhi", "relogement_vente")
AUTRES = "autres_deductions"
NIVEAUX = {"commune": 0, "ept": 1, "epci": 1, "departement": 2, "bailleur": 3}


class Soustractions:
    """Forecasts of one year.

    Args:
        tables: prepared rows.
        annee: the year of the annexe, N+1.
        parc: the parc at the date of the annexe.
    """

    def __init__(self, tables: Tables, annee: int, parc: Iterable[Logement]) -> None:
        self.fournies = "previsions" in tables
        self.lignes = _la_plus_fine([ligne for ligne in tables.get("previsions", ()) if _est_retenue(ligne, annee)])
        self._par_territoire: dict[Perimetre, set[str]] = defaultdict(set)
        for logement in parc:
            lieu = logement.lieu
            self._par_territoire[Perimetre("bailleur")].add(logement.cle)
            for echelle in ("commune", "ept", "epci", "departement"):
                code = getattr(lieu, echelle)
                if code is not None:
                    self._par_territoire[Perimetre(echelle, code)].add(logement.cle)

    def sur(self, perimetre: set[str], soumis: set[str]) -> dict[str, Fraction]:
        """Amount by category on a perimeter.

        Args:
            perimetre: P, the dwellings of the parc that the perimeter holds.
            soumis: S, the parc soumis of the whole bailleur with the convention's options.
        """
        sommes: dict[str, Fraction] = {}
        for ligne in self.lignes:
            territoire = self._par_territoire.get(_territoire(ligne), set())
            s_et_t = soumis & territoire
            if s_et_t:
                part = Fraction(len(s_et_t & perimetre), len(s_et_t))
            else:
                part = Fraction(bool(territoire) and territoire <= perimetre)
            categorie = texte(ligne, "categorie")
            sommes[categorie] = sommes.get(categorie, Fraction(0)) + part * (nombre(ligne, "nombre") or 0)
        return sommes


def _territoire(ligne: Ligne) -> Perimetre:
    return perimetre_de(texte(ligne, "echelle"), texte(ligne, "code_territoire"))


def _est_retenue(ligne: Ligne, annee: int) -> bool:
    combien, categorie = nombre(ligne, "nombre"), texte(ligne, "categorie")
    admise = categorie in CATEGORIES or (categorie == AUTRES and bool(texte(ligne, "accord_prefet")))
    return texte(ligne, "annee") == str(annee) and admise and combien is not None and combien >= 0


def _la_plus_fine(lignes: list[Ligne]) -> list[Ligne]:
    def operation(ligne: Ligne) -> tuple[str, str] | None:
        code = texte(ligne, "code_operation")
        return (texte(ligne, "categorie"), code) if code else None

    def niveau(ligne: Ligne) -> int:
        return NIVEAUX[texte(ligne, "echelle") or "bailleur"]

    plus_fin: dict[tuple[str, str], int] = {}
    for ligne in lignes:
        if (cle := operation(ligne)) is not None:
            plus_fin[cle] = min(plus_fin.get(cle, 9), niveau(ligne))
    return [ligne for ligne in lignes if (cle := operation(ligne)) is None or niveau(ligne) == plus_fin[cle]]
