"""Rows of totals and subtotals among the rows of a sheet: they are no data."""

import re

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.contrat.schema import Table
from flows.contrat.typage import typer
from flows.depot.extraction import Feuille

_SOUS = r"(?:sous|ss|s\s*/|s\.)[\s./-]*"
_TOTAL = re.compile(rf"(?:{_SOUS})?tota(?:l|ux)(?: g[ée]n[ée]ral)?\s*:?", re.IGNORECASE)
_DEBUT_DE_TOTAL = rf"(?i)^\s*(?:{_SOUS})?tota(?:l|ux)\b"
_DEBUT_DE_SOUS_TOTAL = rf"(?i)^\s*(?:{_SOUS}total|total g[ée]n[ée]ral)\b"
_MOT_DE_TOTAL = r"(?i)\b(?:tota(?:l|ux)|ensemble|cumul|somme)\b"
_SOMMABLES = ("entier", "decimal", "positif")
_LOGEMENT = ("ident_rep", "ident_interne")


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
    sommes = _sommes(corps, donnees, table)
    suspectes = pl.concat([suspectes, sommes.filter(~pl.col("ligne").is_in(suspectes["ligne"].to_list()))])
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
        elif ligne in lisibles or ligne in sommes["ligne"] or _TOTAL.fullmatch(texte.strip()):
            refusees.append(ligne)
            anomalies.append(_total_douteux(feuille, ligne, texte.strip()))
    return donnees.filter(~pl.col("ligne").is_in(otees)), refusees, anomalies


def _sommes(corps: pl.DataFrame, donnees: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Rows (ligne, texte) that name no dwelling, have a word of total, and whose number adds up the rows above."""
    vide = pl.DataFrame(schema={"ligne": pl.Int64, "texte": pl.String})
    nombres = [c for c in table.colonnes.values() if c.type in _SOMMABLES and c.nom in donnees.columns]
    if not nombres or donnees.is_empty():
        return vide
    champs = [c for c in corps.columns if c != "ligne"]
    mots = corps.select(
        "ligne",
        pl.coalesce([pl.when(pl.col(c).str.contains(_MOT_DE_TOTAL)).then(pl.col(c)) for c in champs]).alias("texte"),
    )
    if mots["texte"].null_count() == mots.height:
        return vide
    logements = [c for c in _LOGEMENT if c in donnees.columns]
    sans = pl.all_horizontal(pl.col(logements).is_null()) if logements else pl.lit(True)
    vues = donnees.join(mots, on="ligne", how="left", maintain_order="left").select(
        "ligne",
        pl.when(sans).then("texte").alias("texte"),
        *(pl.col(c.nom).str.replace(",", ".").cast(pl.Float64, strict=False).alias(c.nom) for c in nombres),
    )
    trouvees = []
    for colonne in nombres:
        defaut = float(colonne.defaut or 0)
        bloc = tout = 0.0
        for ligne, texte, nombre in vues.select("ligne", "texte", pl.col(colonne.nom).fill_null(defaut)).iter_rows():
            if texte and nombre > defaut and nombre in (bloc, tout):
                trouvees.append((ligne, texte))
                bloc = 0.0
                continue
            bloc, tout = bloc + nombre, tout + nombre
    return pl.DataFrame(trouvees, schema=vide.schema, orient="row").unique("ligne", maintain_order=True)


def _total_douteux(feuille: Feuille, ligne: int, texte: str) -> Anomalie:
    return Anomalie(
        Gravite.ERREUR,
        "ligne_de_total_douteuse",
        f"La ligne {ligne} dit « {texte} » : un total parmi les données ? La ligne est rejetée.",
        "Supprimez-la si c'est un total ; sinon écrivez autrement cette cellule.",
        feuille.fichier,
        feuille.feuille,
        ligne,
        valeur=texte,
    )
