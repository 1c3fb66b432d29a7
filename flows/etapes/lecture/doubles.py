"""Doubles in a table: equal rows count once, rows that share a key and differ are named (contrat, « Doubles »)."""

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.etapes.lecture.schema import Table

PROVENANCE = ("fichier", "feuille", "ligne")
IDENTIFIANTS = ("ident_rep", "ident_int")
TABLES_BLOQUANTES = ("rpls", "reservataires")


def oter_doubles(donnees: pl.DataFrame, table: Table) -> tuple[pl.DataFrame, list[Anomalie]]:
    """Removes rows equal in every declared column, keeping the first, and reports keys shared by different rows.

    Dwellings without any identifier (public files) are never doubles: one row is one dwelling.
    """
    comparees = [c for c in donnees.columns if c not in PROVENANCE]
    cle = _cle(donnees, table)
    if table.cle and not cle:
        return donnees, []
    # only rows that share a key can be equal: comparing few rows on many columns is what keeps this fast
    suspectes = donnees.with_columns(cle) if cle else donnees
    noms = [f"_{nom}" for nom in table.cle] if cle else comparees
    presents = pl.all_horizontal(pl.col("_ident_rep").is_not_null()) if "_ident_rep" in noms else pl.lit(True)
    suspectes = suspectes.filter(presents & (pl.len().over(noms) > 1))
    if suspectes.height == 0:
        return donnees, []
    reperees = suspectes.with_columns(
        pl.int_range(pl.len()).over(comparees).alias("_rang"),
        pl.struct(PROVENANCE).first().over(comparees).alias("_premiere"),
    )
    en_trop = reperees.filter(pl.col("_rang") > 0)
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
        for fichier, feuille, ligne, premiere in en_trop.select(*PROVENANCE, "_premiere").iter_rows()
    ]
    gardees = donnees.join(en_trop.select(PROVENANCE), on=PROVENANCE, how="anti", maintain_order="left")
    if cle:
        anomalies += _cles_partagees(reperees.filter(pl.col("_rang") == 0), noms, table)
    return gardees, anomalies


def _cle(donnees: pl.DataFrame, table: Table) -> list[pl.Expr]:
    """The key of a table as columns `_<name>`; empty when the table has none, or none of it is in the files."""
    expressions = []
    for nom in table.cle:
        if table.nom == "rpls" and nom == "ident_rep":
            presents = [c for c in IDENTIFIANTS if c in donnees.columns]
            if not presents:
                return []
            expressions.append(pl.coalesce(presents).alias("_ident_rep"))
        else:
            expressions.append((pl.col(nom) if nom in donnees.columns else pl.lit(None)).alias(f"_{nom}"))
    return expressions


def _cles_partagees(lignes: pl.DataFrame, noms: list[str], table: Table) -> list[Anomalie]:
    """One anomaly a row, each naming all the rows of its key."""
    anomalies: list[Anomalie] = []
    colonnes = ", ".join(nom.removeprefix("_") for nom in noms)
    for valeurs, groupe in lignes.filter(pl.len().over(noms) > 1).group_by(noms, maintain_order=True):
        lieux = " ; ".join(
            f"{' '.join(filter(None, (f, s)))} ligne {n}" for f, s, n in groupe.select(PROVENANCE).iter_rows()
        )
        anomalies += [
            Anomalie(
                Gravite.BLOQUANT if table.nom in TABLES_BLOQUANTES else Gravite.ERREUR,
                "cle_partagee",
                f"Des lignes différentes de la table {table.nom} portent la même clé ({colonnes}) : {lieux}.",
                "Gardez la bonne ligne, ou corrigez la clé des autres.",
                fichier,
                feuille,
                ligne,
                colonnes,
                ", ".join(str(v) for v in valeurs if v is not None),
            )
            for fichier, feuille, ligne in groupe.select(PROVENANCE).iter_rows()
        ]
    return anomalies
