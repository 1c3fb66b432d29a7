"""Objectives that the `objectifs` table does not give: line j of the previous exercice's flux, if it was published.

`flux_<annee>_<code>.csv` of the previous exercice is looked for among its outputs (contrat, table objectifs).
"""

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path

import polars as pl

from flows.campagne import Campagne
from flows.contrat.schema import charger
from flows.tables.lecture import PROVENANCE, Comptage, Lecture, colonnes_conservees


def completer(campagne: Campagne, lue: Lecture, dossier: Path) -> None:
    """Adds to the `objectifs` table the announced flux of the conventions that it does not name for the exercice."""
    conventions = lue.tables.get("reservataires")
    if conventions is None:
        return
    codes = pl.read_parquet(conventions)["code_reservataire"].unique().sort().to_list()
    chemin = lue.tables.get("objectifs")
    connus: set[str] = set()
    if chemin is not None:
        connus = set(pl.read_parquet(chemin).filter(pl.col("annee") == str(campagne.annee))["code_reservataire"])
    precedents = campagne.sorties.resolve().parent / str(campagne.annee - 1) / "bilan"
    lignes = [
        ligne
        for code in codes
        if code not in connus and (ligne := _lire_flux(precedents / code, campagne.annee, code)) is not None
    ]
    if not lignes:
        return
    colonnes = [*PROVENANCE, *colonnes_conservees(charger(), "objectifs")]
    ajout = pl.DataFrame(
        [{nom: ligne.get(nom) for nom in colonnes} for ligne in lignes],
        schema={nom: pl.Int64 if nom == "ligne" else pl.String for nom in colonnes},
    )
    if chemin is not None:
        ajout = pl.concat([pl.read_parquet(chemin), ajout])
    cible = dossier / "objectifs.parquet"
    ajout.write_parquet(cible, compression="zstd")
    lue.tables["objectifs"] = cible
    lue.comptages += [Comptage("objectifs", str(ligne["fichier"]), "", 1, 1, 0) for ligne in lignes]


def _lire_flux(dossier: Path, annee: int, code: str) -> dict[str, str | int] | None:
    """Lines d and j of a published flux, as a row of `objectifs`; None when there is none or j has no number."""
    chemin = dossier / f"flux_{annee}_{code}.csv"
    if not chemin.is_file() or chemin.is_symlink():
        return None
    with chemin.open(encoding="utf-8-sig", newline="") as flux:
        lignes = {
            ligne["ligne"]: (i, ligne["valeur"]) for i, ligne in enumerate(csv.DictReader(flux, delimiter=";"), 2)
        }
    numero, valeur = lignes.get("j", (0, ""))
    if not _est_nombre(valeur):
        return None
    rotation = lignes.get("d", (0, ""))[1]
    return {
        "fichier": f"{annee - 1}/bilan/{code}/{chemin.name}",
        "feuille": "",
        "ligne": numero,
        "annee": str(annee),
        "code_reservataire": code,
        "flux_reservataire": valeur.replace(",", "."),
    } | ({"taux_rotation_pct": rotation.replace(",", ".")} if _est_nombre(rotation) else {})


def _est_nombre(valeur: str) -> bool:
    try:
        return Decimal(valeur.replace(",", ".")).is_finite()
    except InvalidOperation:
        return False
