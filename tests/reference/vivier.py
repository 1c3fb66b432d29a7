"""What the draws of a campaign share: the source of chance, its traits, the communes, the dwellings to choose from.

A campaign has only some of the traits, so that a difference names what it comes from.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.reference.geographie import lire_communes

Rang = dict[str, str | None]
Rangs = list[Rang]

TRAITS = (
    "territoires",  # several territories under one code: disjoint, nested, overlapping
    "epoques",  # conventions that follow each other: gaps, overlaps, not begun, blank dates
    "anciens_codes",  # merged communes and arrondissements as code_territoire
    "noms",  # réservataires cited by libelle or autres_noms
    "identifiants",  # identifiers without their zeros, or with separators
    "sans_id",  # propositions without id_proposition, some offers said twice
    "liens",  # attributions without id_proposition
    "premieres",  # first lettings: written, deduced, without proposition
    "annulees",  # annulled propositions with candidates
    "croisees",  # candidates of another réservataire, of nobody, of another categorie on one proposition
    "carences",  # carences with reminder, then candidates or a lease
    "inventaire",  # dwellings of the inventory only, in contradictory rows
    "exclu_entier",  # a commune all of whose dwellings are excluded
    "operations",  # one code_operation at several scales; rejected forecasts; territories without parc
    "precedent",  # objectives taken from the flux of the previous exercice
    "doubles",  # equal rows, rows that differ by an undeclared column
    "libelles",  # official labels of RPLS in place of codes
    "cles",  # rows of events that share an id and differ
)


def communes_fictives(nombre: int) -> list[dict[str, str]]:
    """Communes that exist nowhere (INSEE numbers 970 to 999), twenty by EPCI, for campaigns of many territories."""
    departements = [departement for departement in range(1, 96) if departement != 20]
    codes = [f"{departement:02d}{numero}" for departement in departements for numero in range(970, 1000)]
    return [
        {
            "depcom": code,
            "libelle": f"Commune {code}",
            "code_postal": f"{code[:2]}000",
            "commune": code,
            "departement": code[:2],
            "epci": f"{299_000_000 + rang // 20}",
            "libelle_epci": f"EPCI {rang // 20}",
            "ept": "",
        }
        for rang, code in enumerate(codes[:nombre])
    ]


@dataclass
class Vivier:
    """The draw of one campaign."""

    tirage: random.Random
    annee: int
    communes: list[dict[str, str]]
    traits: frozenset[str]
    noms: Mapping[str, list[str]] = field(default_factory=dict)
    logements: Rangs = field(default_factory=list)
    inconnus: list[str] = field(default_factory=list)

    def a(self, trait: str, probabilite: float = 1.0) -> bool:
        """True with a probability in the campaigns that have a trait."""
        assert trait in TRAITS
        return trait in self.traits and self.parfois(probabilite)

    def parfois(self, probabilite: float) -> bool:
        """True with a probability."""
        return self.tirage.random() < probabilite

    def parmi(self, *choix: str) -> str:
        """One of the values, all as likely."""
        return self.tirage.choice(choix)

    def rare(self, valeur: str | None, probabilite: float) -> str | None:
        """A value with a probability, else a blank."""
        return (valeur or None) if self.parfois(probabilite) else None

    def un_jour(self, premier: date, dernier: date, *remarquables: date) -> date:
        """A day between two; now and then a bound or another day that a rule turns on."""
        if self.parfois(0.12):
            return self.tirage.choice((premier, dernier, *remarquables))
        return premier + timedelta(days=self.tirage.randint(0, (dernier - premier).days))

    def citer(self, code: str) -> str:
        """A réservataire as a file cites it: its code, now and then one of its names."""
        return self.tirage.choice(self.noms[code]) if self.a("noms", 0.4) else code

    def designer(self, logement: Rang | None = None) -> Rang:
        """Identifiers of a dwelling as an event gives them: one of them or both; now and then an unknown dwelling."""
        if logement is None and self.inconnus and self.parfois(0.04):
            return {"ident_rep": self.tirage.choice(self.inconnus), "ident_interne": None}
        choisi = logement or self.tirage.choice(self.logements)
        rep, interne = choisi["IDENT_REP"], choisi["IDENT_INT"]
        if rep and interne and self.parfois(0.6):
            rep, interne = (rep, None) if self.parfois(0.7) else (None, interne)
        if self.a("identifiants", 0.3):
            rep = rep and self.parmi(rep.lstrip("0"), f"{rep[:4]} {rep[4:]}", f"{rep[:4]}-{rep[4:]}")
            interne = interne and self.parmi(interne.lstrip("0"), interne.replace("-", " "), interne.replace("-", ""))
        return {"ident_rep": rep, "ident_interne": interne}

    def territoire(self, echelle: str, *, ailleurs: bool = False) -> str | None:
        """A code of the campaign at a scale, or of a real commune where the bailleur has perhaps no dwelling."""
        if echelle == "bailleur":
            return None
        choix = [c for c in (lire_communes() if ailleurs else self.communes) if c[echelle]]
        commune = self.tirage.choice(choix)
        return commune["depcom"] if echelle == "commune" and self.a("anciens_codes", 0.6) else commune[echelle]

    def echelle(self, *choix: str) -> str:
        """One of the scales, ept only where a commune has one."""
        avec_ept = any(commune["ept"] for commune in self.communes)
        return self.parmi(*(echelle for echelle in choix if echelle != "ept" or avec_ept))
