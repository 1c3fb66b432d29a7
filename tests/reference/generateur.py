"""Random but coherent campaigns: the files of `contrat.md` in the shapes people send, and their canonical rows.

Everything is invented but the codes of communes and EPCI. What the contract leaves open (see the readings of the
reference computation) is kept out of the draw: a carence or an annulled proposition has no candidate, the candidates of
one proposition have one categorie and one réservataire, an id is never used twice with other values, a dwelling keeps
its identifiers from one millésime to the next.
"""

import random
from pathlib import Path

from tests.reference.calcul import lire_communes
from tests.reference.ecriture import colonnes_rpls, ecrire
from tests.reference.tirage_evenements import (
    tirer_attributions,
    tirer_liberations,
    tirer_objectifs,
    tirer_previsions,
    tirer_propositions,
)
from tests.reference.tirage_parc import Vivier, tirer_droits, tirer_exclusions, tirer_parc, tirer_reservataires

Rangs = list[dict[str, str | None]]
FACULTATIVES = ("droits", "liberations", "propositions", "attributions", "previsions", "exclusions", "objectifs")


def generer(
    graine: int,
    dossier: Path,
    annee: int = 2025,
    *,
    formes: str = "variees",
    logements: int | None = None,
    reservataires: int | None = None,
    completes: bool = False,
) -> dict[str, Rangs]:
    """Writes a campaign in a folder and returns its canonical rows, as `calculer` wants them.

    Args:
        graine: the same seed gives the same campaign.
        dossier: created if needed; its files are those of `data/raw/<annee>`.
        annee: the exercice N.
        formes: "variees" (encodings, separators, workbooks, split files, headings…) or "simples" (plain CSV).
        logements, reservataires: sizes, drawn when None.
        completes: True keeps every table and both millésimes; else some are left out now and then.
    """
    tirage = random.Random(graine)
    communes = tirage.sample(lire_communes(), tirage.randint(4, 9))
    vivier = Vivier(tirage, annee, communes)
    rpls = tirer_parc(vivier, logements or tirage.randint(80, 300))
    conventions = tirer_reservataires(vivier, reservataires or tirage.randint(6, 15))
    codes = sorted({str(convention["code_reservataire"]) for convention in conventions})
    propositions = tirer_propositions(vivier, codes)
    tables: dict[str, Rangs] = {
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
    if formes == "variees":
        tables["rpls"] = rpls = _familles(tirage, rpls)
    if not completes:
        for table in FACULTATIVES:
            if tirage.random() < 0.06:
                del tables[table]
        if tirage.random() < 0.1:
            tables["rpls"] = [ligne for ligne in rpls if ligne["millesime"] == str(annee)]
    tables = {nom: lignes for nom, lignes in tables.items() if lignes}
    for nom, lignes in tables.items():
        if nom != "reservataires" and tirage.random() < 0.4:
            _doubler(tirage, lignes)
    dossier.mkdir(parents=True, exist_ok=True)
    ecrire(tirage, tables, dossier, annee, simples=formes == "simples")
    return tables


def _familles(tirage: random.Random, rpls: Rangs) -> Rangs:
    """Now and then other families of RPLS files, with their columns only: the public file names no dwelling."""
    familles = dict.fromkeys(sorted({str(ligne["millesime"]) for ligne in rpls}), "loi")
    if tirage.random() < 0.06:
        familles = dict.fromkeys(familles, "publique")
        rpls = [ligne for ligne in rpls if ligne["SORTIEPATRIM"] in (None, "9")]
    for millesime in familles:
        if familles[millesime] == "loi" and tirage.random() < 0.12:
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
