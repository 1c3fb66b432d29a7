"""Doubles in a table: equal rows count once, rows that share a key and differ are named (contrat, « Doubles »)."""

from collections.abc import Callable, Iterator

import polars as pl

from flows.anomalies import Anomalie, Gravite, Recueil, enumerer_plages, plages
from flows.contrat.schema import Table

PROVENANCE = ("fichier", "feuille", "ligne")
IDENTIFIANTS = ("ident_rep", "ident_int")
LOGEMENTS = ("ident_rep", "ident_interne")
TABLES_BLOQUANTES = ("rpls", "reservataires")
LIEUX_MAX = 100

AutresCellules = Callable[[pl.DataFrame], pl.DataFrame]
"""Rows by their `PROVENANCE` → the same with `_autres`, the text of the cells that the contract does not declare."""


def oter_doubles(donnees: pl.DataFrame, table: Table, autres: AutresCellules) -> tuple[pl.DataFrame, list[Anomalie]]:
    """Removes rows equal in every column of their files, keeping the first, and reports keys that different rows share.

    Forecasts, and rights that name no dwelling, may rightly be equal: they are kept and said, as an error when they are
    in two sheets, one being likely a copy of the other. Dwellings without any
    identifier (public files) are never doubles: one row is one dwelling. `autres` is asked for a few rows only.
    """
    comparees = [c for c in donnees.columns if c not in PROVENANCE]
    cle = _cle(donnees, table)
    if table.nom == "rpls" and not cle:
        return donnees, []
    noms = [f"_{nom}" for nom in table.cle] if cle else []
    # only rows that share a key, or are equal in what is declared, can be doubles: few rows, then many columns
    suspectes = donnees.with_columns(cle).filter(_suspectes(table, noms, comparees))
    if suspectes.height == 0:
        return donnees, []
    suspectes = suspectes.join(autres(suspectes.select(PROVENANCE)), on=PROVENANCE, how="left", maintain_order="left")
    comparees = [*comparees, "_autres"]
    reperees = suspectes.with_columns(
        pl.int_range(pl.len()).over(comparees).alias("_rang"),
        pl.struct(PROVENANCE).first().over(comparees).alias("_premiere"),
        _comptent_chacune(donnees, table).alias("_chacune"),
    )
    repetees = reperees.filter(pl.col("_rang") > 0)
    anomalies = Recueil(
        _repetee(ou, premiere, chacune)
        for *ou, premiere, chacune in repetees.select(*PROVENANCE, "_premiere", "_chacune").iter_rows()
    )
    en_trop = repetees.filter(~pl.col("_chacune"))
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
    return expressions if any(nom in donnees.columns or nom == "ident_rep" for nom in table.cle) else []


def _suspectes(table: Table, noms: list[str], comparees: list[str]) -> pl.Expr:
    """Rows that another one may repeat: they have its key or, without any key, all its declared cells."""
    if not noms:
        return pl.len().over(comparees) > 1
    if table.nom == "rpls":
        return pl.col("_ident_rep").is_not_null() & (pl.len().over(noms) > 1)
    a_cle = pl.any_horizontal(pl.col(noms).is_not_null())
    return (pl.len().over(noms) > 1) & (a_cle | (pl.len().over(comparees) > 1))


def _comptent_chacune(donnees: pl.DataFrame, table: Table) -> pl.Expr:
    """Rows that say a quantity and no thing: two that are equal are two."""
    if table.nom == "previsions":
        return pl.lit(True)
    if table.nom == "droits":
        return pl.all_horizontal(pl.lit(True), *(pl.col(nom).is_null() for nom in LOGEMENTS if nom in donnees.columns))
    return pl.lit(False)


def _repetee(ou: list[object], premiere: dict[str, object], chacune: bool) -> Anomalie:
    fichier, feuille, ligne = ou
    ailleurs = (premiere["fichier"], premiere["feuille"]) != (fichier, feuille)
    repere = f"Ligne identique à la ligne {premiere['ligne']} de {premiere['fichier']}"
    suite = "chacune compte" if chacune else "elle ne compte qu'une fois"
    return Anomalie(
        Gravite.ERREUR if chacune and ailleurs else Gravite.AVERTISSEMENT,
        "ligne_repetee" if chacune else "ligne_en_double",
        f"{repere} : {suite}.",
        "Supprimez la ligne si elle est en trop." if chacune else "Supprimez la ligne en trop.",
        str(fichier),
        str(feuille),
        int(str(ligne)),
    )


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
