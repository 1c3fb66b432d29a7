"""Random but coherent campaigns: the files of `contrat.md` in the shapes people send, and their canonical rows.

Everything is invented but the codes of communes and EPCI. What the contract does not decide is kept out of the draw:
two dwellings or two conventions never share a key, a name never belongs to two codes, a dwelling keeps its identifiers
from one millésime to the next, an identifier without its zeros fits one dwelling only.
"""

import csv
import random
from collections.abc import Collection
from pathlib import Path

from tests.reference.ecriture import colonnes_rpls, ecrire
from tests.reference.geographie import lire_communes
from tests.reference.tirage_conventions import tirer_reservataires
from tests.reference.tirage_droits import tirer_droits, tirer_exclusions
from tests.reference.tirage_evenements import tirer_attributions, tirer_liberations, tirer_propositions
from tests.reference.tirage_montants import tirer_objectifs, tirer_precedent, tirer_previsions
from tests.reference.tirage_parc import tirer_parc
from tests.reference.vivier import TRAITS, Rangs, Vivier, communes_fictives

FACULTATIVES = ("droits", "liberations", "propositions", "attributions", "previsions", "exclusions", "objectifs")
DE_LOGEMENTS = ("droits", "liberations", "propositions", "attributions", "exclusions")
PRECEDENT = "flux_precedent"
Campagne = dict[str, Rangs]


def generer(
    graine: int,
    dossier: Path,
    annee: int = 2025,
    *,
    formes: str = "variees",
    logements: int | None = None,
    reservataires: int | None = None,
    territoires: int | None = None,
    completes: bool = False,
    traits: Collection[str] | None = None,
) -> Campagne:
    """Writes a campaign in a folder and returns its canonical rows, as `calculer` wants them.

    Args:
        graine: the same seed gives the same campaign.
        dossier: created if needed; its files are those of `data/raw/<annee>`.
        annee: the exercice N.
        formes: "variees" (encodings, separators, workbooks, split files, headings…) or "simples" (plain CSV).
        logements, reservataires: sizes, drawn when None.
        territoires: number of territories of the first code, on as many invented communes.
        completes: True keeps every table and both millésimes; else some are left out now and then.
        traits: those of the campaign, drawn when None.
    """
    tirage = random.Random(graine)
    tires = frozenset(trait for trait in TRAITS if tirage.random() < 0.4) if traits is None else frozenset(traits)
    tables = tirer(tirage, annee, formes, logements, reservataires, territoires, completes, tires)
    ecrire_campagne(tirage, tables, dossier, annee, formes)
    return tables


def tirer(
    tirage: random.Random,
    annee: int,
    formes: str,
    logements: int | None,
    reservataires: int | None,
    territoires: int | None,
    completes: bool,
    traits: frozenset[str],
) -> Campagne:
    """The canonical rows of a campaign."""
    if territoires:
        communes = communes_fictives(territoires)
    else:
        communes = tirage.sample([dict(commune) for commune in lire_communes()], tirage.randint(3, 8))
    vivier = Vivier(tirage, annee, communes, traits)
    rpls = tirer_parc(vivier, logements or tirage.randint(30, 200))
    conventions = tirer_reservataires(vivier, reservataires or tirage.randint(3, 10), territoires)
    codes = sorted({str(convention["code_reservataire"]) for convention in conventions})
    propositions = tirer_propositions(vivier, codes)
    tables: Campagne = {
        "rpls": rpls,
        "reservataires": conventions,
        "droits": tirer_droits(vivier, codes),
        "liberations": tirer_liberations(vivier),
        "propositions": propositions,
        "attributions": tirer_attributions(vivier, codes, propositions),
        "previsions": tirer_previsions(vivier),
        "exclusions": tirer_exclusions(vivier),
        "objectifs": tirer_objectifs(vivier, codes),
    }
    if "precedent" in traits:
        tables[PRECEDENT] = tirer_precedent(vivier, codes)
        if vivier.parfois(0.6):
            del tables["objectifs"]
    if formes == "variees":
        # Public files name no dwelling: tables of dwellings beside them would stop the run.
        publique = not completes and tirage.random() < 0.05
        tables["rpls"] = rpls = _familles(tirage, rpls, publique)
        if publique:
            tables = {nom: lignes for nom, lignes in tables.items() if nom not in DE_LOGEMENTS}
    if not completes:
        for table in FACULTATIVES:
            if tirage.random() < 0.05:
                tables.pop(table, None)
        if tirage.random() < 0.1:
            tables["rpls"] = [ligne for ligne in rpls if ligne["millesime"] == str(annee)]
    tables = {nom: lignes for nom, lignes in tables.items() if lignes}
    for nom, lignes in tables.items():
        if nom not in ("reservataires", PRECEDENT) and "doubles" in traits:
            _doubler(tirage, lignes)
    return tables


def ecrire_campagne(tirage: random.Random, tables: Campagne, dossier: Path, annee: int, formes: str) -> None:
    """Writes the files that a bailleur drops in; the flux of the previous exercice is none of them."""
    dossier.mkdir(parents=True, exist_ok=True)
    deposees = {nom: lignes for nom, lignes in tables.items() if nom != PRECEDENT}
    ecrire(tirage, deposees, dossier, annee, simples=formes == "simples")


def ecrire_precedent(tables: Campagne, sorties: Path, annee: int) -> None:
    """Writes the closed `flux_<annee>_<code>.csv` of exercice N−1 beside the outputs of N."""
    colonnes = ["annee", "code_reservataire", "ligne", "libelle", "valeur", "valeur_exacte", "unite"]
    codes = {str(ligne["code_reservataire"]) for ligne in tables.get(PRECEDENT, ())}
    for code in codes:
        dossier = sorties.parent / str(annee - 1) / "bilan" / code
        dossier.mkdir(parents=True, exist_ok=True)
        corps = []
        for ligne in tables[PRECEDENT]:
            if ligne["code_reservataire"] == code:
                valeur = (ligne["valeur"] or "non fourni").replace(".", ",")
                corps.append([str(annee), code, ligne["ligne"], "Ligne", valeur, valeur, "logements"])
        with (dossier / f"flux_{annee}_{code}.csv").open("w", encoding="utf-8-sig", newline="") as flux:
            csv.writer(flux, delimiter=";").writerows([colonnes, *corps])


def _familles(tirage: random.Random, rpls: Rangs, publique: bool) -> Rangs:
    """Now and then other families of RPLS files, with their columns only: the public file names no dwelling."""
    familles = dict.fromkeys(sorted({str(ligne["millesime"]) for ligne in rpls}), "loi")
    if publique:
        familles = dict.fromkeys(familles, "publique")
        rpls = [ligne for ligne in rpls if ligne["SORTIEPATRIM"] in (None, "9")]
    for millesime in familles:
        if not publique and tirage.random() < 0.12:
            familles[millesime] = "declaration"
    gardees = {
        famille: {titre.removesuffix("_CODE") for titre in colonnes_rpls(famille)} for famille in set(familles.values())
    }
    return [
        {"millesime": ligne["millesime"], "famille": famille}
        | {colonne: valeur for colonne, valeur in ligne.items() if colonne in gardees[famille]}
        for ligne in rpls
        for famille in (familles[str(ligne["millesime"])],)
    ]


def _doubler(tirage: random.Random, lignes: Rangs) -> None:
    """Inserts exact copies of a few rows."""
    for ligne in tirage.sample(lignes, min(len(lignes), tirage.randint(1, 3))):
        lignes.insert(tirage.randrange(len(lignes) + 1), dict(ligne))
