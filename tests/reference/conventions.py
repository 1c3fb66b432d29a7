"""The conventions of one code: which one is in force at a date, which one holds a dwelling or an event.

Contract, « Several conventions of one code » and « From one convention to the next ».

Choices:
 C1. « After the last date_fin the last one still applies »: among those that ended, the one whose date_fin is the
     latest (then the later begun), since it is the one that was in force last.
 C2. « Where none of a code has begun, the first to begin is computed »: every territory begun on that first day.
 C3. `parc_total`, `parc_soumis`, the releases and the perimeter of `repartition_` follow the conventions in force at
     1/1/N; only lines a…j follow those at 1/1/N+1.
 C4. A dwelling that two territories hold is in the convention of the finest for everything the contract calls « the
     perimeter » (lines a to j, rotation, rights, P of line f): so that amounts add up.
 C5. « the widest one of its code » for an event outside every perimeter: the widest begun at its date.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.reference.geographie import FINESSE, Lieu, Perimetre, perimetre_de
from tests.reference.lecture import Ligne, jour, liste, nombre, texte
from tests.reference.logements import Logement

ZERO = Fraction(0)
HORS_FLUX = ("defense", "securite_interieure", "sante")
Valeur = Fraction | None


@dataclass(frozen=True)
class Convention:
    """One row of `reservataires`; rates in percent."""

    perimetre: Perimetre
    code: str = ""
    type_reservataire: str = ""
    debut: date = date.min
    fin: date = date.max
    base_rotation: str = "liberations_territoire"
    taux_rotation: Valeur = None
    mode_taux: str = ""
    taux_imprime: Valeur = None
    retrocession: Fraction = ZERO
    evenement: str = ""
    arrondi_etapes: str = "aucun"
    arrondi_final: str = "aucun"
    report_n1: bool = False
    options: frozenset[str] = field(default_factory=frozenset)

    @property
    def sans_partenariat(self) -> bool:
        """True when what the bailleur designated is out of the décompte."""
        return self.type_reservataire == "action_logement" and "partenariat_dans_flux" not in self.options

    @property
    def prolonge_les_garanties(self) -> bool:
        """True when a guaranteed loan gives five more years (R.441-6: commune, EPCI, EPT, or the convention)."""
        return self.type_reservataire in ("commune", "epci") or "prolongation_garantie" in self.options


def convention_de(ligne: Ligne) -> Convention:
    """Reads a row of `reservataires`; blank date_debut: always begun; blank date_fin: endless."""
    return Convention(
        perimetre=perimetre_de(texte(ligne, "echelle"), texte(ligne, "code_territoire")),
        code=texte(ligne, "code_reservataire"),
        type_reservataire=texte(ligne, "type_reservataire"),
        debut=jour(ligne, "date_debut") or date.min,
        fin=jour(ligne, "date_fin") or date.max,
        base_rotation=texte(ligne, "base_rotation"),
        taux_rotation=nombre(ligne, "taux_rotation_pct"),
        mode_taux=texte(ligne, "mode_taux"),
        taux_imprime=nombre(ligne, "taux_pct"),
        retrocession=(nombre(ligne, "taux_retrocession_pct") or ZERO) - (nombre(ligne, "taux_recu_pct") or ZERO),
        evenement=texte(ligne, "evenement_decompte"),
        arrondi_etapes=texte(ligne, "arrondi_etapes") or "aucun",
        arrondi_final=texte(ligne, "arrondi_final") or "aucun",
        report_n1=texte(ligne, "report_n1") == "oui",
        options=frozenset(liste(ligne, "options")),
    )


class Conventions:
    """All the conventions of one code."""

    def __init__(self, lignes: Sequence[Ligne]) -> None:
        self.toutes = [convention_de(ligne) for ligne in lignes]
        self.code = self.toutes[0].code
        self._connues: dict[date, tuple[Convention, ...]] = {}
        self._ouvertes: dict[date, tuple[Convention, ...]] = {}

    @property
    def est_hors_flux(self) -> bool:
        """True for defence, security and health: no objective, no annexe."""
        return self.toutes[0].type_reservataire in HORS_FLUX

    def commencees(self, au: date) -> tuple[Convention, ...]:
        """The convention in force on each territory begun at a date, the finest first; none before the first."""
        if au not in self._connues:
            par_territoire: dict[Perimetre, list[Convention]] = {}
            for convention in self.toutes:
                if convention.debut <= au:
                    par_territoire.setdefault(convention.perimetre, []).append(convention)
            en_vigueur = [_en_vigueur(candidates, au) for candidates in par_territoire.values()]
            self._connues[au] = tuple(sorted(en_vigueur, key=lambda convention: convention.perimetre.rang))
        return self._connues[au]

    def a_calculer(self, au: date) -> tuple[Convention, ...]:
        """Those in force at a date; where none has begun, the first to begin."""
        return self.commencees(au) or self.commencees(min(convention.debut for convention in self.toutes))

    def de_l_evenement(self, lieu: Lieu, quand: date) -> Convention | None:
        """The convention that an event at a place and a date takes; None before the first date_debut."""
        candidates = self.commencees(quand)
        if not candidates:
            return None
        la_plus_large = min(candidates, key=lambda c: (-FINESSE[c.perimetre.echelle], c.perimetre.code))
        return next((convention for convention in candidates if convention.perimetre.contient(lieu)), la_plus_large)


def _en_vigueur(commencees: Sequence[Convention], au: date) -> Convention:
    courantes = [convention for convention in commencees if convention.fin >= au]
    if courantes:
        return max(courantes, key=lambda convention: convention.debut)
    return max(commencees, key=lambda convention: (convention.fin, convention.debut))


def tranches(conventions: Sequence[Convention], logements: Sequence[Logement]) -> dict[Convention, list[Logement]]:
    """Dwellings by convention, each dwelling once, in the finest that holds it (conventions sorted from the finest)."""
    parts: dict[Convention, list[Logement]] = {convention: [] for convention in conventions}
    par_territoire = {convention.perimetre: convention for convention in conventions}
    for logement in logements:
        for echelle in FINESSE:
            code = "" if echelle == "bailleur" else getattr(logement.lieu, echelle)
            convention = par_territoire.get(Perimetre(echelle, code)) if code is not None else None
            if convention is not None:
                parts[convention].append(logement)
                break
    return parts
