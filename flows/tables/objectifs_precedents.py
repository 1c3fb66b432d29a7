"""Objectives that the `objectifs` table does not give: lines j and report of the previous exercice's closed flux.

`flux_<annee>_<code>.csv` of the previous exercice is looked for among its outputs; what is read there is an input like
another: hashed, named in the manifest and in `audit.sources`, said on screen (contract, table `objectifs`).
"""

import csv
import io
import json
from decimal import Decimal, InvalidOperation
from pathlib import Path

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.campagne import Campagne
from flows.chemins import MANIFESTE
from flows.contrat.schema import charger
from flows.fichiers import FichierRecu, sha256
from flows.tables.lecture import PROVENANCE, Comptage, Lecture

TABLE = "objectifs"
LIGNES = {"j": "flux_reservataire", "report": "report_anterieur", "d": "taux_rotation_pct"}
"""Lines of a published flux, and the columns of `objectifs` that they fill."""
OCTETS_MAX = 1 << 20


def completer(campagne: Campagne, lue: Lecture, dossier: Path) -> list[FichierRecu]:
    """Adds to the `objectifs` table the announced flux of the conventions that it does not name for the exercice.

    Returns the files of the previous exercice that gave one. A flux of a point inside the year announces nothing: it
    is left, and said.
    """
    conventions = lue.tables.get("reservataires")
    if conventions is None:
        return []
    codes = pl.read_parquet(conventions, glob=False)["code_reservataire"].unique().sort().to_list()
    chemin = lue.tables.get(TABLE)
    connus: set[str] = set()
    if chemin is not None:
        connus = set(
            pl.read_parquet(chemin, glob=False).filter(pl.col("annee") == str(campagne.annee))["code_reservataire"]
        )
    precedents = campagne.sorties.resolve().parent / str(campagne.annee - 1)
    provisoires = _provisoires(precedents)
    recus, lignes = [], []
    for code in (c for c in codes if c not in connus):
        nom = f"bilan/{code}/flux_{campagne.annee}_{code}.csv"
        if not (precedents / nom).is_file() or (precedents / nom).is_symlink():
            continue
        if nom in provisoires:
            lue.anomalies.append(_point(f"{campagne.annee - 1}/{nom}", code))
            continue
        with (precedents / nom).open("rb") as flux:
            octets = flux.read(OCTETS_MAX)
        affiche = f"{campagne.annee - 1}/{nom}"
        if (ligne := _lire_flux(octets, affiche, campagne.annee, code)) is not None:
            lu = precedents / nom
            recus.append(FichierRecu(affiche, lu, TABLE, lu.stat().st_size, sha256(lu)))
            lignes.append(ligne)
    if lignes:
        _ajouter(lue, lignes, dossier)
        lue.anomalies.append(_repris(campagne.annee, recus))
    return recus


def _ajouter(lue: Lecture, lignes: list[dict[str, str | int]], dossier: Path) -> None:
    colonnes = [*PROVENANCE, *charger().tables[TABLE].conservees]
    ajout = pl.DataFrame(
        [{nom: ligne.get(nom) for nom in colonnes} for ligne in lignes],
        schema={nom: pl.Int64 if nom == "ligne" else pl.String for nom in colonnes},
    )
    if TABLE in lue.tables:
        ajout = pl.concat([pl.read_parquet(lue.tables[TABLE], glob=False), ajout])
    cible = dossier / f"{TABLE}.parquet"
    ajout.write_parquet(cible, compression="zstd")
    lue.tables[TABLE] = cible
    lue.comptages += [Comptage(TABLE, str(ligne["fichier"]), "", 1, 1, 0) for ligne in lignes]


def _provisoires(sorties: Path) -> set[str]:
    """Files of the previous outputs that a run stopped inside the year (`--au`) wrote, by its manifest."""
    try:
        manifeste = json.loads((sorties / MANIFESTE).read_bytes())
        executions = {nom for nom, e in manifeste["executions"].items() if e["au"] and e["commande"] == "bilan"}
        return {nom for nom, fiche in manifeste["sorties"].items() if fiche["execution"] in executions}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def _lire_flux(octets: bytes, fichier: str, annee: int, code: str) -> dict[str, str | int] | None:
    """A published flux as a row of `objectifs`; None when its line j has no number."""
    texte = octets.decode("utf-8-sig", errors="replace")
    lues = {
        ligne.get("ligne"): (numero, ligne.get("valeur") or "")
        for numero, ligne in enumerate(csv.DictReader(io.StringIO(texte, newline=""), delimiter=";"), 2)
    }
    valeurs = {colonne: _nombre(lues.get(ligne, (0, ""))[1]) for ligne, colonne in LIGNES.items()}
    if valeurs["flux_reservataire"] is None:
        return None
    ligne: dict[str, str | int] = {colonne: valeur for colonne, valeur in valeurs.items() if valeur is not None}
    return ligne | {
        "fichier": fichier,
        "feuille": "",
        "ligne": lues["j"][0],
        "annee": str(annee),
        "code_reservataire": code,
    }


def _nombre(ecrit: str) -> str | None:
    try:
        nombre = Decimal(ecrit.replace(",", "."))
    except InvalidOperation:
        return None
    return format(nombre, "f") if nombre.is_finite() else None


def _repris(annee: int, recus: list[FichierRecu]) -> Anomalie:
    premier = recus[0].nom
    combien = "1 objectif est repris" if len(recus) == 1 else f"{len(recus)} objectifs sont repris"
    return Anomalie(
        Gravite.INFORMATION,
        "objectifs_repris",
        f"{combien} du flux {annee} publié avec le bilan {annee - 1} (lignes j et report) : {premier}"
        f"{' et les suivants' if len(recus) > 1 else ''}.",
        "Rien à faire si c'est bien ce qui a été annoncé ; sinon, déposez la table objectifs.",
        premier,
    )


def _point(nom: str, code: str) -> Anomalie:
    return Anomalie(
        Gravite.AVERTISSEMENT,
        "objectif_provisoire",
        "Ce flux vient d'un point en cours d'année, qui n'annonce rien : il n'est pas pris pour objectif.",
        "Refaites le bilan de l'année précédente, close, ou déposez la table objectifs.",
        nom,
        code_reservataire=code,
    )
