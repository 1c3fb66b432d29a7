"""The figures of a campaign by an independent computation of the contract: `calculer`.

The readings chosen where the contract leaves a choice are numbered at the head of `patrimoine` (1–5), `evenements`
(6–15) and `lignes` (16–24); those of this module:
25. Rows equal in every column count once in every table, except RPLS rows without any identifier (public files):
    those are one dwelling each.
26. One code with several conventions: events once, parc, parc soumis and releases on the union of the perimeters (a
    dwelling is soumis when no motive excludes it under the options of all the conventions together), decompte by the
    event of the first row; ALS when the type is action_logement and no row has partenariat_dans_flux.
27. `epci_<siren>`: every EPCI of a dwelling (not an exit) of millésime N or N+1; events on dwellings placed in it,
    decompte and objectif left out. `_bailleur`: everything. Neither has options, lines i and j.
28. `options` are separated by commas.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path

from tests.reference.evenements import Compte, Fait, Journal, compter
from tests.reference.lignes import Annexe, Convention, Lignes, convention_de, sommer
from tests.reference.patrimoine import (
    NON_RENSEIGNE,
    Ligne,
    Logement,
    Patrimoine,
    Perimetre,
    Tables,
    caracteristiques_rpls,
    nombre,
    texte,
)

BAILLEUR = "_bailleur"


@dataclass
class Resultat:
    """Figures by code: bilan[code][(mesure, dimension, modalite)] and flux[code][ligne] = (valeur, valeur_exacte)."""

    bilan: dict[str, Compte] = field(default_factory=dict)
    flux: dict[str, Lignes] = field(default_factory=dict)


def lire_communes() -> list[dict[str, str]]:
    """The few real communes that the campaigns use (code officiel géographique)."""
    chemin = Path(__file__).with_name("communes.csv")
    with chemin.open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux, delimiter=";"))


def dedoublonner(tables: Tables) -> dict[str, list[Ligne]]:
    """Each table without its exact duplicates (reading 25)."""
    propres: dict[str, list[Ligne]] = {}
    for nom, lignes in tables.items():
        vues: set[tuple[tuple[str, str], ...]] = set()
        propres[nom] = []
        for ligne in lignes:
            empreinte = tuple(sorted((colonne, texte(ligne, colonne)) for colonne in ligne if texte(ligne, colonne)))
            anonyme = nom == "rpls" and not texte(ligne, "IDENT_REP") and not texte(ligne, "IDENT_INT")
            if anonyme or empreinte not in vues:
                vues.add(empreinte)
                propres[nom].append(ligne)
    return propres


class _Campagne:
    def __init__(self, tables: Tables, annee: int, au: date | None) -> None:
        self.tables, self.annee = dedoublonner(tables), annee
        communes = {commune["commune"]: commune["epci"] for commune in lire_communes()}
        self.patrimoine = Patrimoine(self.tables, annee, communes)
        self.journal = Journal(self.tables, self.patrimoine, date(annee, 1, 1), au or date(annee, 12, 31))
        self.annexe = Annexe(self.tables, self.patrimoine, self.journal, annee)

    def bilan(self, perimetres: Sequence[Perimetre], options: frozenset[str], garde: Callable[[Ligne], bool]) -> Compte:
        """Every measure but decompte and objectif."""
        parc = self.patrimoine.parc(self.annee, perimetres)
        soumis = self.patrimoine.soumis(self.annee, perimetres, options)
        compte = compter("parc_total", _modalites(parc)) | compter("parc_soumis", _modalites(soumis))
        cles = {logement.cle for logement in soumis}
        liberees = self.journal.liberees(self.journal.debut, self.journal.fin)
        dans_flux = [Fait(cle) for cle, _ in liberees if cle in cles]
        hors_flux = [
            Fait(cle)
            for cle, _ in liberees
            if cle not in cles and any(perimetre.contient(self.patrimoine.lieu(cle)) for perimetre in perimetres)
        ]
        fournies = self.journal.liberations is not None
        compte |= self.compter("liberations", dans_flux if fournies else None)
        compte |= self.compter("liberations_hors_flux", hors_flux if fournies else None)
        for mesure, faits in self.journal.mesures(garde).items():
            compte |= self.compter(mesure, faits)
        return compte

    def compter(self, mesure: str, faits: Iterable[Fait] | None) -> Compte:
        """Counts facts by the characteristics of their dwelling."""
        if faits is None:
            return compter(mesure, None)
        return compter(mesure, [(self.patrimoine.caracteristiques(fait.cle), fait.public) for fait in faits])

    def objectif(self, code: str, avec_report: bool) -> Fraction | None:
        """What was announced for N, with the carry-over if the convention has one."""
        for ligne in self.tables.get("objectifs", ()):
            if texte(ligne, "annee") == str(self.annee) and texte(ligne, "code_reservataire") == code:
                annonce = nombre(ligne, "flux_reservataire")
                report = nombre(ligne, "report_anterieur") or Fraction(0)
                return annonce if annonce is None or not avec_report else annonce + report
        return None


def calculer(tables: Tables, annee: int, au: date | None = None) -> Resultat:
    """Every figure of the bilans of N and of the flux of N+1.

    Args:
        tables: canonical rows by table of the contract (ISO dates, '.' decimals, 'oui'/'non'/''); `rpls` rows have
            `millesime` and the upper-case columns of RPLS; a table that is absent is "non fourni".
        annee: the exercice N.
        au: last day counted, 31 December by default.

    Returns:
        A `Resultat` for each code, `_bailleur` and `epci_<siren>`; None = non fourni; d and i in percent.
    """
    campagne = _Campagne(tables, annee, au)
    resultat = Resultat()
    par_code: dict[str, list[Ligne]] = {}
    for ligne in campagne.tables["reservataires"]:
        par_code.setdefault(texte(ligne, "code_reservataire"), []).append(ligne)
    decomptes: list[list[Fait] | None] = []
    for code, lignes in par_code.items():
        decomptes.append(_reservataire(campagne, code, lignes, resultat))
    tout = Perimetre("bailleur")
    compte = campagne.bilan([tout], frozenset(), lambda ligne: True)
    fournis = [faits for faits in decomptes if faits is not None]
    reunis = [fait for faits in fournis for fait in faits] if len(fournis) == len(decomptes) else None
    resultat.bilan[BAILLEUR] = compte | campagne.compter("decompte", reunis)
    resultat.flux[BAILLEUR] = _sans_part(campagne, tout)
    for siren in _epci_du_parc(campagne):
        perimetre = Perimetre("epci", siren)

        def garde(ligne: Ligne, perimetre: Perimetre = perimetre) -> bool:
            return perimetre.contient(campagne.patrimoine.lieu(campagne.patrimoine.cle_de(ligne)))

        resultat.bilan[f"epci_{siren}"] = campagne.bilan([perimetre], frozenset(), garde)
        resultat.flux[f"epci_{siren}"] = _sans_part(campagne, perimetre)
    return resultat


def _reservataire(campagne: _Campagne, code: str, lignes: Sequence[Ligne], resultat: Resultat) -> list[Fait] | None:
    droits: tuple[Ligne, ...] | None = None
    if "droits" in campagne.tables:
        droits = tuple(ligne for ligne in campagne.tables["droits"] if texte(ligne, "code_reservataire") == code)
    conventions = [convention_de(ligne, droits) for ligne in lignes]
    options = frozenset[str]().union(*(convention.options for convention in conventions))
    compte = campagne.bilan(
        [convention.perimetre for convention in conventions],
        options,
        lambda ligne: texte(ligne, "code_reservataire") == code,
    )
    sans_partenariat = (
        texte(lignes[0], "type_reservataire") == "action_logement" and "partenariat_dans_flux" not in options
    )
    decompte = campagne.journal.decompte(code, texte(lignes[0], "evenement_decompte"), sans_partenariat)
    objectif = campagne.objectif(code, texte(lignes[0], "report_n1") == "oui")
    compte |= campagne.compter("decompte", decompte) | {("objectif", "total", "total"): objectif}
    resultat.bilan[code] = compte
    resultat.flux[code] = sommer([campagne.annexe.lignes(convention) for convention in conventions])
    return decompte


def _modalites(logements: Iterable[Logement]) -> list[tuple[Mapping[str, str], str]]:
    return [(caracteristiques_rpls(logement), NON_RENSEIGNE) for logement in logements]


def _epci_du_parc(campagne: _Campagne) -> list[str]:
    patrimoine = campagne.patrimoine
    parcs = (patrimoine.parc(millesime, [Perimetre("bailleur")]) for millesime in patrimoine.millesimes)
    return sorted({logement.lieu.epci for parc in parcs for logement in parc if logement.lieu.epci})


def _sans_part(campagne: _Campagne, perimetre: Perimetre) -> Lignes:
    lignes = campagne.annexe.lignes(Convention(perimetre))
    return {ligne: valeurs for ligne, valeurs in lignes.items() if ligne not in ("i", "j")}
