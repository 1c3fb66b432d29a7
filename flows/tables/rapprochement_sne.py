"""Leases against the deregistrations of the SNE: which row is which row, by the NUD, which is then left behind.

What is kept names rows of files, and nobody; `sql/bilan/rapprochement_sne.sql` finds the discrepancies in it.
"""

from pathlib import Path

import polars as pl

PROVENANCE = ("fichier", "feuille", "ligne")
LIENS = {
    **{nom: pl.Int64 if nom == "ligne" else pl.String for nom in PROVENANCE},
    "fichier_sne": pl.String,
    "feuille_sne": pl.String,
    "ligne_sne": pl.Int64,
    "est_sans_nud": pl.Boolean,
}
COLONNES = {"attributions": ("nud",), "sne": ("nud",)}
"""The personal columns that the reconciliation needs, by table."""


def relier(attributions: pl.DataFrame, sne: pl.DataFrame) -> pl.DataFrame:
    """Rows of `LIENS`: each lease (row of `attributions` with a date of lease) with its row of `sne`, null when none.

    Both have the columns of the contract and `nud`. One row answers one row: first the same NUD and dwelling, then the
    same NUD whatever the dwelling, in the order of the dates ([002] art. 5).
    """
    baux = attributions.filter(pl.col("date_signature_bail").is_not_null())
    sans_nud = baux.filter(pl.col("nud").is_null()).select(*PROVENANCE, pl.lit(True).alias("est_sans_nud"))
    restants, radiations = baux.filter(pl.col("nud").is_not_null()), sne
    liens = []
    for cle in (("nud", "ident_rep"), ("nud",)):
        paires = _numeroter(restants, cle).join(_numeroter(radiations, cle), on=[*cle, "_rang"], suffix="_sne")
        liens.append(paires.select(*PROVENANCE, *(f"{nom}_sne" for nom in PROVENANCE)))
        restants = restants.join(paires, on=PROVENANCE, how="anti")
        radiations = radiations.join(paires, left_on=PROVENANCE, right_on=[f"{n}_sne" for n in PROVENANCE], how="anti")
    tous = pl.concat([*liens, restants.select(PROVENANCE), sans_nud], how="diagonal_relaxed")
    return tous.with_columns(pl.col("est_sans_nud").fill_null(False)).select(
        pl.col(nom).cast(genre) for nom, genre in LIENS.items()
    ).sort(PROVENANCE)  # fmt: skip


def _numeroter(lignes: pl.DataFrame, cle: tuple[str, ...]) -> pl.DataFrame:
    """Rows with their rank, by date, among those of the same key."""
    triees = lignes.drop_nulls(cle).sort("date_signature_bail", *PROVENANCE)
    return triees.select(*PROVENANCE, *cle, pl.int_range(pl.len()).over(cle).alias("_rang"))


def ecrire_liens(personnes: dict[str, pl.DataFrame], chemin: Path) -> Path | None:
    """Writes the links of both tables; None when one of them was not given."""
    if not personnes.keys() >= COLONNES.keys():
        return None
    relier(personnes["attributions"], personnes["sne"]).write_parquet(chemin)
    return chemin
