"""Rows of totals and subtotals among the rows of a sheet: they are no data."""

import re

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.contrat.schema import Table
from flows.contrat.typage import typer
from flows.depot.extraction import Feuille

_TOTAL = re.compile(r"(?:sous[ -]?)?tota(?:l|ux)(?: g[ée]n[ée]ral)?\s*:?", re.IGNORECASE)
_DEBUT_DE_TOTAL = r"(?i)^\s*(?:sous[ -]?)?tota(?:l|ux)\b"
_DEBUT_DE_SOUS_TOTAL = r"(?i)^\s*(?:sous[ -]?total|total g[ée]n[ée]ral)\b"


def oter_totaux(
    feuille: Feuille, corps: pl.DataFrame, donnees: pl.DataFrame, table: Table
) -> tuple[pl.DataFrame, list[int], list[Anomalie]]:
    """« Total » rows at the bottom are recognised, said and not counted.

    One that could be data, or that is among the data, is rejected: who knows.
    """
    champs = [c for c in corps.columns if c != "ligne"]
    premieres = corps.join(donnees.select("ligne"), on="ligne", how="semi", maintain_order="left")
    premiere = pl.coalesce(champs)
    sous_totaux = [pl.when(pl.col(champ).str.contains(_DEBUT_DE_SOUS_TOTAL)).then(pl.col(champ)) for champ in champs]
    premieres = premieres.select(
        "ligne",
        pl.when(premiere.str.contains(_DEBUT_DE_TOTAL))
        .then(premiere)
        .otherwise(pl.coalesce(sous_totaux))
        .alias("texte"),
    )
    suspectes = premieres.filter(pl.col("texte").is_not_null())
    textes = dict(suspectes.iter_rows())
    lisibles: set[int] = set()
    if textes:
        candidates = donnees.join(suspectes, on="ligne", how="semi", maintain_order="left")
        lisibles = set(typer(candidates, table.nom, feuille.fichier, feuille.feuille).acceptees["ligne"])
    otees: list[int] = []
    refusees: list[int] = []
    anomalies: list[Anomalie] = []
    for ligne in reversed(donnees["ligne"].to_list()):
        if ligne not in textes or ligne in lisibles:
            break
        otees.append(ligne)
    for ligne, texte in textes.items():
        if ligne in otees:
            message = "Cette ligne du bas est un total : elle n'est pas lue comme une donnée."
            ou = (feuille.fichier, feuille.feuille, ligne)
            anomalies.append(Anomalie(Gravite.INFORMATION, "ligne_de_total", message, "", *ou))
        elif ligne in lisibles or _TOTAL.fullmatch(texte.strip()):
            refusees.append(ligne)
            anomalies.append(_total_douteux(feuille, ligne, texte.strip()))
    return donnees.filter(~pl.col("ligne").is_in(otees)), refusees, anomalies


def _total_douteux(feuille: Feuille, ligne: int, texte: str) -> Anomalie:
    return Anomalie(
        Gravite.ERREUR,
        "ligne_de_total_douteuse",
        f"La ligne {ligne} commence par « {texte} » : un total parmi les données ? La ligne est rejetée.",
        "Supprimez-la si c'est un total ; sinon écrivez autrement sa première cellule.",
        feuille.fichier,
        feuille.feuille,
        ligne,
        valeur=texte,
    )
