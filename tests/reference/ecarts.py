"""Differences between the reference computation and the published files, each said so that it can be found again.

Readings of the outputs: an absent count is 0, an absent or blank total of a reference None is « non fourni », the
measure `objectif` is compared on its total only, part_pct to the half-up sixth decimal, the lines to the sixth decimal.
A measure or a line that the reference does not know is not compared (contract: « Add to them freely »).
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor
from pathlib import Path

from tests.reference.calcul import Resultat
from tests.reference.repartition import DIMENSIONS, MESURES

ANNEE = 2025
MILLIONIEME = Fraction(1, 1_000_000)
ENTETE_BILAN = ["annee", "code_reservataire", "mesure", "dimension", "modalite", "nombre", "part_pct"]
ENTETE_FLUX = ["annee", "code_reservataire", "ligne", "libelle", "valeur", "valeur_exacte", "unite"]
ENTETE_REPARTITION = ["annee", "code_bilan", *ENTETE_BILAN[1:]]
# Métropole du Grand Paris: its EPT have the bilans in Île-de-France.
METROPOLE = "epci_200054781"


@dataclass(frozen=True)
class Ecart:
    """One difference; `lieu` is the bilan's code, `quoi` the measure or the line and where it is read."""

    fichier: str
    lieu: str
    quoi: str
    publie: str
    attendu: str

    def __str__(self) -> str:
        return f"{self.fichier:<11} {self.lieu} {self.quoi} : publié {self.publie}, attendu {self.attendu}"


def chercher(sorties: Path, nom: str, au: date | None = None) -> Path | None:
    """A published file by its name, among the closed bilans or those of a point."""
    base = sorties / "points" / au.isoformat() if au else sorties / "bilan"
    return next(iter(sorted(base.rglob(nom))), None)


def lire(chemin: Path, entete: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a published CSV, its fixed form checked (UTF-8 with BOM, `;`, CRLF, columns).

    Raises:
        AssertionError: another form.
    """
    contenu = chemin.read_bytes()
    assert contenu.startswith(b"\xef\xbb\xbf"), f"{chemin.name} : sans BOM"
    assert contenu.count(b"\n") == contenu.count(b"\r\n"), f"{chemin.name} : fins de ligne autres que CRLF"
    lecteur = csv.DictReader(contenu.decode("utf-8-sig").splitlines(), delimiter=";")
    assert list(lecteur.fieldnames or ()) == list(entete), f"{chemin.name} : colonnes {lecteur.fieldnames}"
    return list(lecteur)


def valeur_lue(texte: str) -> Fraction | None:
    """A number with a decimal comma; None for a blank cell or words ("non fourni")."""
    try:
        return Fraction(texte.strip().replace(",", "."))
    except ValueError:
        return None


def ecarts(resultat: Resultat, sorties: Path, annee: int = ANNEE, au: date | None = None) -> list[Ecart]:
    """Differences of every published file; none = equal."""
    trouves: list[Ecart] = []
    for code in resultat.bilan:
        bilan = chercher(sorties, f"bilan_{annee}_{code}.csv", au)
        repartition = chercher(sorties, f"repartition_{annee}_{code}.csv", au)
        flux = chercher(sorties, f"flux_{annee + 1}_{code}.csv", au)
        if code == METROPOLE and bilan is None:
            continue
        if bilan is not None:
            trouves += _du_bilan(resultat, code, lire(bilan, ENTETE_BILAN))
        if repartition is not None:
            trouves += _de_la_repartition(resultat, code, lire(repartition, ENTETE_REPARTITION))
        if flux is not None and code in resultat.flux and not au:
            trouves += _du_flux(resultat, code, lire(flux, ENTETE_FLUX))
        attendu_flux = code in resultat.flux and not au
        for nom, chemin, attendu in (
            ("bilan", bilan, True),
            ("repartition", repartition, True),
            ("flux", flux, attendu_flux),
        ):
            if (chemin is not None) != attendu:
                dit = ("présent", "absent") if chemin is not None else ("absent", "présent")
                trouves.append(Ecart(nom, code, "fichier", *dit))
    base = sorties / "points" / au.isoformat() if au else sorties / "bilan"
    publies = {chemin.stem.removeprefix(f"bilan_{annee}_") for chemin in base.rglob(f"bilan_{annee}_*.csv")}
    inconnus = sorted(publies - set(resultat.bilan))
    return trouves + [Ecart("bilan", code, "fichier", "présent", "aucun") for code in inconnus]


def _comparer(
    fichier: str,
    code: str,
    attendus: Mapping[tuple[str, ...], Fraction | None],
    publies: Mapping[tuple[str, ...], Mapping[str, str]],
    totaux: Mapping[tuple[str, ...], Fraction | None],
) -> Iterator[Ecart]:
    """Counts and shares; `totaux` gives the base of the share of each key, None when it is not available."""
    for cle in sorted(set(attendus) | set(publies)):
        total = totaux.get(cle)
        attendu = None if total is None else attendus.get(cle, Fraction(0))
        rien = "" if total is None or "total" in cle else "0"
        ligne = publies.get(cle, {"nombre": rien, "part_pct": ""})
        if valeur_lue(ligne["nombre"]) != attendu:
            yield Ecart(fichier, code, " ".join(cle), ligne["nombre"] or "(rien)", dire(attendu))
        part = valeur_lue(ligne["part_pct"])
        if part is not None and attendu is not None and total:
            exacte = Fraction(floor(100 * attendu / total / MILLIONIEME + Fraction(1, 2))) * MILLIONIEME
            if part != exacte:
                yield Ecart(fichier, code, f"{' '.join(cle)} part", ligne["part_pct"], dire(exacte))


def _indexer(
    fichier: str, code: str, lignes: Sequence[Mapping[str, str]], colonnes: Sequence[str]
) -> tuple[dict[tuple[str, ...], Mapping[str, str]], list[Ecart]]:
    publies: dict[tuple[str, ...], Mapping[str, str]] = {}
    doubles: list[Ecart] = []
    for ligne in lignes:
        cle = tuple(ligne[colonne] for colonne in colonnes)
        if cle in publies:
            doubles.append(Ecart(fichier, code, " ".join(cle), "deux lignes", "une"))
        publies[cle] = ligne
    return publies, doubles


def _du_bilan(resultat: Resultat, code: str, lignes: Sequence[Mapping[str, str]]) -> Iterator[Ecart]:
    attendus: dict[tuple[str, ...], Fraction | None] = {**resultat.bilan[code]}
    connues = {cle[0] for cle in attendus}
    gardees = [
        ligne
        for ligne in lignes
        if ligne["mesure"] in connues and (ligne["mesure"] != "objectif" or ligne["dimension"] == "total")
    ]
    publies, doubles = _indexer("bilan", code, gardees, ("mesure", "dimension", "modalite"))
    yield from doubles
    totaux = {cle: attendus[cle[0], "total", "total"] for cle in {*attendus, *publies}}
    yield from _comparer("bilan", code, attendus, publies, totaux)


def _de_la_repartition(resultat: Resultat, code: str, lignes: Sequence[Mapping[str, str]]) -> Iterator[Ecart]:
    gardees = [
        ligne
        for ligne in lignes
        if ligne["mesure"] in MESURES and ligne["dimension"] in ("total", *DIMENSIONS) and valeur_lue(ligne["nombre"])
    ]
    colonnes = ("code_reservataire", "mesure", "dimension", "modalite")
    publies, doubles = _indexer("repartition", code, gardees, colonnes)
    yield from doubles
    attendus: dict[tuple[str, ...], Fraction | None] = {**resultat.repartition[code]}
    sommes: dict[tuple[str, ...], Fraction] = {}
    for (_, mesure, dimension, _), combien in resultat.repartition[code].items():
        sommes[mesure, dimension] = sommes.get((mesure, dimension), Fraction(0)) + combien
    totaux = {cle: sommes.get(cle[1:3], Fraction(0)) for cle in {*attendus, *publies}}
    yield from _comparer("repartition", code, attendus, publies, totaux)


def _du_flux(resultat: Resultat, code: str, lignes: Sequence[Mapping[str, str]]) -> Iterator[Ecart]:
    attendues = resultat.flux[code]
    publiees, doubles = _indexer("flux", code, lignes, ("ligne",))
    yield from doubles
    for nom in sorted(set(attendues) | {cle[0] for cle in publiees}):
        est_detail = "." in nom
        if nom not in attendues and not (est_detail and nom[0] in attendues):
            continue
        detail_absent = Fraction(0) if est_detail and attendues[nom[0]][0] is not None else None
        attendue = attendues.get(nom, (detail_absent, detail_absent))
        publiee = publiees.get((nom,))
        for rang, colonne in enumerate(("valeur", "valeur_exacte")):
            absente = Fraction(0) if est_detail and attendue[rang] is not None else None
            lue = absente if publiee is None else valeur_lue(publiee[colonne])
            cible = attendue[rang]
            if lue != cible and (lue is None or cible is None or abs(lue - cible) > MILLIONIEME):
                dit = (publiee[colonne] if publiee else "") or "(rien)"
                yield Ecart("flux", code, f"ligne {nom} {colonne}", dit, dire(cible))


def dire(valeur: Fraction | None) -> str:
    """A number as the messages show it."""
    return "non fourni" if valeur is None else f"{float(valeur):.10g}"
