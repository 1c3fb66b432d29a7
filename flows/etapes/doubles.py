"""Doubles in a table: rows equal in every column count once; rows that share a key and differ are named (contrat, « Doubles »)."""

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.etapes.schema import Table

PROVENANCE = ("fichier", "feuille", "ligne")
TABLES_BLOQUANTES = ("rpls", "reservataires")


def oter_doubles(donnees: pl.DataFrame, table: Table) -> tuple[pl.DataFrame, list[Anomalie]]:
    """Removes rows equal in every declared column, keeping the first, and reports keys shared by different rows.

    Dwellings without any identifier (public files) are never doubles: one row is one dwelling.
    """
    comparees = [c for c in donnees.columns if c not in PROVENANCE]
    identifiables = pl.lit(True)
    if table.nom == "rpls":
        identifiables = pl.any_horizontal(pl.col(c).is_not_null() for c in _presentes(donnees, ("ident_rep", "ident_int")))
    rang = pl.int_range(pl.len()).over(comparees)
    reperees = donnees.with_columns(
        (identifiables & (rang > 0)).alias("_double"), pl.struct(PROVENANCE).first().over(comparees).alias("_premiere")
    )
    anomalies = [
        Anomalie(
            Gravite.AVERTISSEMENT,
            "ligne_en_double",
            f"Ligne identique à la ligne {premiere['ligne']} de {premiere['fichier']} : elle ne compte qu'une fois.",
            "Supprimez la ligne en trop.",
            fichier,
            feuille,
            ligne,
        )
        for fichier, feuille, ligne, premiere in reperees.filter("_double").select(*PROVENANCE, "_premiere").iter_rows()
    ]
    gardees = reperees.filter(~pl.col("_double")).drop("_double", "_premiere")
    return gardees, anomalies + _cles_partagees(gardees, table)


def _presentes(donnees: pl.DataFrame, noms: tuple[str, ...]) -> list[str]:
    return [nom for nom in noms if nom in donnees.columns] or [donnees.columns[0]]


def _cles_partagees(donnees: pl.DataFrame, table: Table) -> list[Anomalie]:
    if not table.cle:
        return []
    colonnes = {nom: pl.col(nom) for nom in table.cle if nom in donnees.columns}
    if table.nom == "rpls":
        identifiants = _presentes(donnees, ("ident_rep", "ident_int"))
        colonnes["ident_rep"] = pl.coalesce(identifiants)
    cles = donnees.select(*PROVENANCE, *(expr.alias(f"cle_{nom}") for nom, expr in colonnes.items()))
    noms = [f"cle_{nom}" for nom in colonnes]
    if table.nom == "rpls":
        cles = cles.filter(pl.col("cle_ident_rep").is_not_null())
    fautives = cles.filter(pl.len().over(noms) > 1)
    anomalies: list[Anomalie] = []
    for valeurs, groupe in fautives.group_by(noms, maintain_order=True):
        cle = ", ".join(str(v) for v in valeurs if v is not None)
        lieux = " ; ".join(f"{f} {s} ligne {n}".replace("  ", " ") for f, s, n in groupe.select(PROVENANCE).iter_rows())
        for fichier, feuille, ligne in groupe.select(PROVENANCE).iter_rows():
            anomalies.append(
                Anomalie(
                    Gravite.BLOQUANT if table.nom in TABLES_BLOQUANTES else Gravite.ERREUR,
                    "cle_partagee",
                    f"Des lignes différentes de la table {table.nom} portent la même clé ({', '.join(colonnes)}) : {lieux}.",
                    "Gardez la bonne ligne, ou corrigez la clé des autres.",
                    fichier,
                    feuille,
                    ligne,
                    ", ".join(colonnes),
                    cle,
                )
            )
    return anomalies
