"""A dwelling is found by its identifiers, exactly, then by their letters and digits alone (contract, « Dwellings »)."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from flows.anomalies import Anomalie, Gravite, Recueil
from flows.contrat.schema import charger
from flows.tables.lecture import PROVENANCE, Lecture
from flows.tables.noms_reservataires import rejeter

TABLES_JUGEES = ("liberations", "propositions", "attributions", "droits")
"""Tables of events and of rights: the run stops when none of their dwellings is found."""
LOGEMENTS_NOMMES = 5
_CONNU = ("ident_rep", "ident_int")
_CITE = ("ident_rep", "ident_interne")


def resoudre(lue: Lecture) -> None:
    """Puts the identifiers of the RPLS in place of those that differ only by their punctuation, case or first zeros.

    A reference that fits two dwellings so rejects its row, and both are named. A table of events or of rights whose
    dwellings are unknown, all or more than half of them, is said.
    """
    if "rpls" not in lue.tables:
        return
    connus = _connus(lue.tables["rpls"])
    if connus["ident_rep"].null_count() + connus["ident_int"].null_count() == 2 * connus.height:
        return  # the public files identify nothing
    inventaire = connus.clear()["ident_rep"]
    for table in sorted(lue.tables, key=lambda nom: nom != "droits"):
        if table != "rpls" and "ident_rep" in charger().tables[table].colonnes:
            lignes = _resoudre_table(lue, table, connus)
            if table in TABLES_JUGEES:
                lue.anomalies += _juger(table, lignes, connus, inventaire)
            if table == "droits":
                inventaire = lignes["ident_rep"].drop_nulls().unique()


def _connus(rpls: Path) -> pl.DataFrame:
    """Every dwelling of every millésime: its two identifiers, and `cle`, the one by which it is counted."""
    lus = pl.scan_parquet(rpls).select(*_CONNU).unique().collect()
    return lus.with_columns(pl.coalesce(_CONNU).alias("cle")).filter(pl.col("cle").is_not_null())


def nus(colonne: str) -> pl.Expr:
    """Letters and digits alone, in capitals, without leading zeros: `r-012/3` → `R0123`."""
    return pl.col(colonne).str.to_uppercase().str.replace_all("[^0-9A-Z]", "").str.strip_chars_start("0")


def _resoudre_table(lue: Lecture, table: str, connus: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table once their identifiers are those of the RPLS; written when one of them changed."""
    chemin = lue.tables[table]
    lues = pl.read_parquet(chemin)
    internes = pl.col("ident_interne") if "ident_interne" in lues.columns else pl.lit(None, pl.String)
    lignes = lues.with_columns(internes.alias("ident_interne"))
    perdues = lignes.filter(~_est_connue(connus) & pl.any_horizontal(pl.col(_CITE).is_not_null()))
    if perdues.height == 0:
        return lignes
    trouvees = _joindre(perdues, "ident_interne", connus, "ident_int", pl.col)
    for cite, connu in zip(_CITE, _CONNU, strict=True):
        reste = perdues.join(trouvees, on=PROVENANCE, how="anti")
        trouvees = pl.concat([trouvees, _joindre(reste, cite, connus, connu, nus)])
    partages = trouvees.filter(pl.col("cles").list.len() > 1)
    seules = trouvees.join(partages, on=PROVENANCE, how="anti").with_columns(pl.col("cles").list.first().alias("cle"))
    lue.anomalies += _rapproches(table, seules) + _partages(table, partages)
    rejeter(lue, table, partages)
    identites = connus.group_by("cle").agg(pl.col(_CONNU).max())
    remplacees = seules.join(identites, on="cle").select(*PROVENANCE, "cle", pl.col(_CONNU).name.prefix("_"))
    lignes = (
        lignes.join(partages, on=PROVENANCE, how="anti", maintain_order="left")
        .join(remplacees, on=PROVENANCE, how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("cle").is_null()).then(cite).otherwise(f"_{connu}").alias(cite)
            for cite, connu in zip(_CITE, _CONNU, strict=True)
        )
    )
    lignes.select(lues.columns).write_parquet(chemin, compression="zstd")
    return lignes.select(lues.columns if "ident_interne" in lues.columns else [*lues.columns, "ident_interne"])


def _est_connue(connus: pl.DataFrame) -> pl.Expr:
    """Rows whose RPLS identifier, or without one whose internal reference, is in the RPLS as it is written."""
    rep, interne = (connus[nom].drop_nulls().implode() for nom in _CONNU)
    return pl.col("ident_rep").is_in(rep).fill_null(False) | (
        pl.col("ident_rep").is_null() & pl.col("ident_interne").is_in(interne).fill_null(False)
    )


def _joindre(
    lignes: pl.DataFrame, cite: str, connus: pl.DataFrame, connu: str, forme: Callable[[str], pl.Expr]
) -> pl.DataFrame:
    """Rows (`PROVENANCE`, `ecrit`, `cles`) whose identifier is, in that form, that of dwellings of the RPLS."""
    formes = connus.select(forme(connu).alias("_forme"), "cle").filter(pl.col("_forme") != "")
    par_forme = formes.group_by("_forme").agg(pl.col("cle").unique().sort().alias("cles"))
    ecrites = lignes.select(*PROVENANCE, pl.col(cite).alias("ecrit"), forme(cite).alias("_forme"))
    return ecrites.join(par_forme, on="_forme").select(*PROVENANCE, "ecrit", "cles")


def _rapproches(table: str, seules: pl.DataFrame) -> list[Anomalie]:
    """One a sheet: how many references were read as those of the RPLS, and one of them."""
    groupes = seules.sort(PROVENANCE).group_by("fichier", "feuille", maintain_order=True)
    return [
        Anomalie(
            Gravite.AVERTISSEMENT,
            "logements_rapproches",
            f"{groupe.height} lignes de la table {table} désignent un logement par une autre écriture que celle du "
            f"RPLS : elles en sont rapprochées, par exemple « {groupe['ecrit'][0]} », lu « {groupe['cle'][0]} ».",
            "Vérifiez l'exemple ; écrivez les identifiants comme dans le RPLS.",
            str(fichier),
            str(feuille),
            groupe["ligne"][0],
            "ident_rep",
            groupe["ecrit"][0],
        )
        for (fichier, feuille), groupe in groupes
    ]


def _partages(table: str, partages: pl.DataFrame) -> list[Anomalie]:
    return Recueil(
        Anomalie(
            Gravite.ERREUR,
            "logement_ambigu",
            f"« {ecrit} » peut être les logements {' et '.join(cles[:LOGEMENTS_NOMMES])}"
            f"{'…' if len(cles) > LOGEMENTS_NOMMES else ''}. La ligne est rejetée de la table {table}.",
            "Écrivez l'identifiant du logement comme dans le RPLS.",
            fichier,
            feuille,
            ligne,
            "ident_rep",
            ecrit,
        )
        for fichier, feuille, ligne, ecrit, cles in partages.select(*PROVENANCE, "ecrit", "cles").iter_rows()
    ).liste()


def _juger(table: str, lignes: pl.DataFrame, connus: pl.DataFrame, inventaire: pl.Series) -> list[Anomalie]:
    """An anomaly when the dwellings that a table names are unknown, all or more than half of them."""
    est_connu = _est_connue(connus) | pl.col("ident_rep").is_in(inventaire.implode()).fill_null(False)
    cites = lignes.filter(pl.any_horizontal(pl.col(_CITE).is_not_null())).sort(PROVENANCE)
    cites = cites.unique(_CITE, keep="first", maintain_order=True).with_columns(est_connu.alias("_connu"))
    perdus = cites.filter(~pl.col("_connu"))
    if 2 * perdus.height <= cites.height:
        return []
    fichier, feuille, ligne, rep, interne = perdus.select(*PROVENANCE, *_CITE).row(0)
    tous = perdus.height == cites.height
    combien = "Aucun des" if tous else f"{perdus.height} des"
    suite = "n'est dans le RPLS" if tous else "ne sont pas dans le RPLS"
    return [
        Anomalie(
            Gravite.BLOQUANT if tous else Gravite.ERREUR,
            "logements_inconnus",
            f"{combien} {cites.height} logements de la table {table} {suite}, par exemple « {rep or interne} » : ses "
            "lignes ne compteraient pour aucun territoire.",
            "Vérifiez que la colonne est bien l'identifiant RPLS (10 caractères) ou la référence interne du RPLS "
            "(IDENT_INT), et que le RPLS déposé est celui de ce bailleur.",
            fichier,
            feuille,
            ligne,
            "ident_rep" if rep else "ident_interne",
            rep or interne,
        )
    ]
