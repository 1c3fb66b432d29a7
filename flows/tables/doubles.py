"""Doubles in a table: equal rows count once, rows that share a key and differ are named (contrat, « Doubles »)."""

from collections.abc import Iterator

import polars as pl

from flows.anomalies import Anomalie, Gravite, Recueil, enumerer_plages, plages
from flows.contrat.schema import Table

PROVENANCE = ("fichier", "feuille", "ligne")
IDENTIFIANTS = ("ident_rep", "ident_int")
TABLES_BLOQUANTES = ("rpls", "reservataires")
LIEUX_MAX = 100


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
    anomalies = Recueil(
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
    )
    gardees = donnees.join(en_trop.select(PROVENANCE), on=PROVENANCE, how="anti", maintain_order="left")
    if cle:
        for anomalie in _cles_partagees(reperees.filter(pl.col("_rang") == 0), noms, table):
            anomalies.ajouter(anomalie)
    return gardees, anomalies.liste()


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


def _cles_partagees(lignes: pl.DataFrame, noms: list[str], table: Table) -> Iterator[Anomalie]:
    """One anomaly a row, each naming all the rows of its key (as ranges, the first hundred, when they are many)."""
    colonnes = ", ".join(nom.removeprefix("_") for nom in noms)
    # a row without any key (id_proposition, id_decision absent) shares it with nobody
    partagees = lignes.filter((pl.len().over(noms) > 1) & pl.any_horizontal(pl.col(noms).is_not_null()))
    for valeurs, groupe in partagees.group_by(noms, maintain_order=True):
        message = f"Des lignes différentes de la table {table.nom} portent la même clé ({colonnes}) : {_lieux(groupe)}."
        for fichier, feuille, ligne in groupe.select(PROVENANCE).iter_rows():
            yield Anomalie(
                Gravite.BLOQUANT if table.nom in TABLES_BLOQUANTES else Gravite.ERREUR,
                "cle_partagee",
                message,
                "Gardez la bonne ligne, ou corrigez la clé des autres.",
                fichier,
                feuille,
                ligne,
                colonnes,
                ", ".join(str(v) for v in valeurs if v is not None),
            )


def _lieux(groupe: pl.DataFrame) -> str:
    """`a.csv ligne 4 ; b.xlsx Feuil1 ligne 2`, the rows of one sheet together."""
    lieux = []
    for (fichier, feuille), lignes in groupe.group_by("fichier", "feuille", maintain_order=True):
        tranches = list(plages(lignes["ligne"].sort()))
        suite = ", …" if len(tranches) > LIEUX_MAX else ""
        mot = "ligne" if lignes.height == 1 else "lignes"
        lieux.append(
            f"{' '.join(filter(None, (fichier, feuille)))} {mot} {enumerer_plages(tranches[:LIEUX_MAX])}{suite}"
        )
    return " ; ".join(lieux[:LIEUX_MAX])
