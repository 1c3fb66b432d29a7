"""Places and territories of the reference computation.

Contract, « Perimeter of a convention »: « the whole parc (`bailleur`), or the dwellings whose département (from DEPCOM:
2 characters, 3 in DROM), EPCI (the file's own column, else the reference table), EPT or commune is `code_territoire`;
communes that merged and arrondissements are brought to the present commune on both sides. »

`communes.csv` holds the few real communes that campaigns use (code officiel géographique, package
@etalab/decoupage-administratif, MIT): `depcom` as a file writes it, `commune` the present one, its EPCI and EPT.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# « the finest scale »; ept before epci (« Decided at the edges »).
FINESSE = {"commune": 0, "ept": 1, "epci": 2, "departement": 3, "bailleur": 4}
ARRONDISSEMENTS = (("75", 101, 120, "75056"), ("69", 381, 389, "69123"), ("13", 201, 216, "13055"))


@cache
def lire_communes() -> tuple[Mapping[str, str], ...]:
    """The communes that the campaigns use."""
    chemin = Path(__file__).with_name("communes.csv")
    with chemin.open(encoding="utf-8", newline="") as flux:
        return tuple(csv.DictReader(flux, delimiter=";"))


@cache
def _presentes() -> dict[str, str]:
    return {ligne["depcom"]: ligne["commune"] for ligne in lire_communes()}


@cache
def _intercommunalites() -> dict[str, tuple[str, str]]:
    return {ligne["commune"]: (ligne["epci"], ligne["ept"]) for ligne in lire_communes()}


def commune_de(depcom: str) -> str | None:
    """INSEE code of the present commune of a DEPCOM; None when blank or 0."""
    if not depcom:
        return None
    code = depcom.upper().zfill(5)
    if len(code) != 5 or code == "00000":
        return None
    for prefixe, premier, dernier, commune in ARRONDISSEMENTS:
        if code.startswith(prefixe) and code[2:].isdigit() and premier <= int(code[2:]) <= dernier:
            return commune
    return _presentes().get(code, code)


def departement_de(commune: str | None) -> str | None:
    """Département of an INSEE code: 2 characters, 3 in DROM."""
    return None if commune is None else commune[: 3 if commune.startswith("97") else 2]


@dataclass(frozen=True)
class Lieu:
    """Where a dwelling is; None = unknown."""

    commune: str | None = None
    departement: str | None = None
    epci: str | None = None
    ept: str | None = None


def lieu_de(depcom: str, epci: str = "", departement: str = "") -> Lieu:
    """Place of a commune, with the EPCI and département that the row writes when it writes them."""
    commune = commune_de(depcom)
    siren, ept = _intercommunalites().get(commune or "", ("", ""))
    ecrit = epci if len(epci) == 9 and epci.isdigit() else ""
    return Lieu(commune, departement_de(commune) or departement or None, ecrit or siren or None, ept or None)


@dataclass(frozen=True)
class Perimetre:
    """A territory; `code` is the present commune, a SIREN or a département; '' for the whole bailleur."""

    echelle: str
    code: str = ""

    def contient(self, lieu: Lieu) -> bool:
        """True when a dwelling at this place belongs to the perimeter; one known nowhere is in `bailleur` only."""
        return self.echelle == "bailleur" or getattr(lieu, self.echelle) == self.code

    @property
    def rang(self) -> tuple[int, str]:
        """Order from the finest; of equally wide territories, the smallest code."""
        return FINESSE[self.echelle], self.code


TOUT = Perimetre("bailleur")


def perimetre_de(echelle: str, code: str) -> Perimetre:
    """The territory that a row names; a blank scale is the whole bailleur."""
    if echelle in ("", "bailleur"):
        return TOUT
    return Perimetre(echelle, (commune_de(code) or code) if echelle == "commune" else code)
