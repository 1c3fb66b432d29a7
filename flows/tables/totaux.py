"""Rows of totals and subtotals among the rows of a sheet: they are no data."""

import re
from collections.abc import Collection

import polars as pl

from flows.anomalies import Anomalie, Gravite, Recueil
from flows.contrat.schema import Table, normaliser_entete
from flows.contrat.typage import typer
from flows.depot.extraction import Feuille
from flows.tables.citations import citer_total, est_personnelle

_SOUS = r"(?:sous|ss|s\s*/|s\.)[\s./-]*"
_TOTAL = re.compile(rf"(?:{_SOUS})?tota(?:l|ux)(?: g[ée]n[ée]ral)?\s*:?", re.IGNORECASE)
_DEBUT_DE_TOTAL = rf"(?i)^\s*(?:{_SOUS})?tota(?:l|ux)\b"
_DEBUT_DE_SOUS_TOTAL = rf"(?i)^\s*(?:{_SOUS}total|total g[ée]n[ée]ral)\b"
_MOT_DE_TOTAL = r"(?i)\b(?:tota(?:l|ux)|ensemble|cumul|somme)\b"
_SOMMABLES = ("entier", "decimal", "positif")
_DIMENSION_TOTALE = rf"(?i)^\s*(?:(?:{_SOUS}|grand )?tota(?:l|ux)|tou(?:s|t|te|tes)|ensemble|cumul|somme)\b"
VENTILEES = ("demandes",)
"""Tables of numbers by dimensions, their key: there a total may be written in any of them."""
LOGEMENT = ("ident_rep", "ident_interne")


def commence_un_total(texte: str) -> bool:
    """True when a cell begins by the word of a total."""
    return bool(re.match(_DEBUT_DE_TOTAL, texte))


def oter_totaux(
    feuille: Feuille, corps: pl.DataFrame, donnees: pl.DataFrame, table: Table, ailleurs: Collection[str] = ()
) -> tuple[pl.DataFrame, list[int], list[Anomalie]]:
    """« Total » rows, at the bottom or that could be nothing else, are recognised, said and not counted.

    One that could be data is rejected: who knows. `ailleurs` are the columns that decisions give to every row of the
    sheet: they would make a right or a forecast of any row, so that there a row that names nothing is rejected too.
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
    disent = set(suspectes["ligne"])
    donnees, gardees, dites = _oter_totaux_ventiles(feuille, donnees, table, disent)
    sommes = _sommes(corps, donnees, table)
    suspectes = pl.concat([suspectes, sommes.filter(~pl.col("ligne").is_in(suspectes["ligne"].to_list()))])
    suspectes = suspectes.filter(~pl.col("ligne").is_in(gardees))
    textes = dict(suspectes.iter_rows())
    lisibles: set[int] = set()
    if textes:
        candidates = donnees.join(suspectes, on="ligne", how="semi", maintain_order="left")
        lisibles = set(typer(candidates, table, feuille.fichier, feuille.feuille).acceptees["ligne"])
    otees: list[int] = []
    refusees: list[int] = []
    anomalies: list[Anomalie] = []
    for ligne in reversed(donnees["ligne"].to_list()):
        if ligne not in textes or ligne in lisibles:
            break
        otees.append(ligne)
    # one among the data is a total for certain when it says so, could be no row of its own, and adds up the rows above
    # or names no dwelling where the others do
    logements = [c for c in LOGEMENT if c in donnees.columns]
    ajoutent = set(sommes["ligne"])
    if ailleurs and logements:
        ajoutent |= set(donnees.filter(pl.all_horizontal(map(_vide, logements)))["ligne"])
    otees += sorted((disent & ajoutent) - lisibles - set(otees))
    autres = donnees.filter(~pl.col("ligne").is_in([*textes, *otees]))
    sans_rien = _sans_identite(autres, table) if ailleurs else set()
    for ligne, texte in textes.items():
        if ligne in otees:
            message = "Cette ligne est un total : elle n'est pas lue comme une donnée."
            ou = (feuille.fichier, feuille.feuille, ligne)
            anomalies.append(Anomalie(Gravite.INFORMATION, "ligne_de_total", message, "", *ou))
        elif ailleurs or ligne in lisibles or ligne in sommes["ligne"] or _TOTAL.fullmatch(texte.strip()):
            refusees.append(ligne)
            declarees = donnees.filter(pl.col("ligne") == ligne).row(0)[1:]
            dit = texte.strip() if texte in declarees and not est_personnelle(table) else citer_total(texte.strip())
            anomalies.append(_total_douteux(feuille, ligne, f"dit « {dit} »", dit))
    for ligne in sorted(sans_rien):
        refusees.append(ligne)
        quoi = "ne dit pas de quoi elle parle (ni logement, ni territoire), quand les autres le disent"
        anomalies.append(_total_douteux(feuille, ligne, quoi))
    return donnees.filter(~pl.col("ligne").is_in(otees)), refusees, [*dites, *anomalies]


def _oter_totaux_ventiles(
    feuille: Feuille, donnees: pl.DataFrame, table: Table, suspectes: Collection[int]
) -> tuple[pl.DataFrame, list[int], list[Anomalie]]:
    """Without the rows that say « Tous plafonds », « Toutes typologies »… where other rows give the detail.

    One whose detail no row gives is data: its number counts, and what it does not say is said. They come second.
    `suspectes` are those that say « Total », judged as in any table.
    """
    dimensions = [c for c in table.cle if c in donnees.columns] if table.nom in VENTILEES else []
    if not dimensions:
        return donnees, [], []
    cles = pl.DataFrame(
        {
            "ligne": donnees["ligne"],
            **{c: [normaliser_entete(texte or "") for texte in donnees[c]] for c in dimensions},
            **{f"total_{c}": donnees[c].fill_null("").str.contains(_DIMENSION_TOTALE) for c in dimensions},
        }
    )
    cles = cles.filter(~pl.col("ligne").is_in(list(suspectes)))
    sont_totales = [pl.col(f"total_{c}") for c in dimensions]
    annoncees = cles.filter(pl.any_horizontal(sont_totales))["ligne"].to_list()
    if not annoncees:
        return donnees, [], []
    # beside « Ensemble », a blank is a total too
    muettes = [pl.col("ligne").is_in(annoncees) & (pl.col(c) == "") for c in dimensions]
    cles = cles.with_columns(total | muette for total, muette in zip(sont_totales, muettes, strict=True))
    otees: set[int] = set()
    for motif, lot in cles.filter(pl.any_horizontal(sont_totales)).group_by(sont_totales):
        totales = [c for c, est_totale in zip(dimensions, motif, strict=True) if est_totale]
        communes = [c for c in dimensions if c not in totales]
        detail = cles.filter(pl.any_horizontal(~pl.col(f"total_{c}") & (pl.col(c) != "") for c in totales))
        trouvees = lot.join(detail, on=communes, how="semi") if communes else lot.filter(detail.height > 0)
        otees |= set(trouvees["ligne"])
    entieres = cles.filter(pl.all_horizontal(pl.col(c) != "" for c in dimensions))["ligne"]
    seules = sorted(set(annoncees) & set(entieres) - otees)
    ou = (feuille.fichier, feuille.feuille)
    message = "Cette ligne est un total, dont d'autres lignes donnent le détail : elle n'est pas lue comme une donnée."
    dites = [Anomalie(Gravite.INFORMATION, "ligne_de_total", message, "", *ou, ligne) for ligne in sorted(otees)]
    dites += [
        Anomalie(
            Gravite.AVERTISSEMENT,
            "total_sans_detail",
            f"La ligne {ligne} est un total (tous, ensemble…) dont aucune ligne ne donne le détail : il compte, "
            "sans ce détail.",
            "Donnez une ligne par EPCI, plafond et typologie si vous les avez.",
            *ou,
            ligne,
        )
        for ligne in seules
    ]
    return donnees.filter(~pl.col("ligne").is_in(list(otees))), seules, Recueil(dites).liste()


def _sans_identite(donnees: pl.DataFrame, table: Table) -> set[int]:
    """Rows that name no dwelling in a sheet where most do; elsewhere, that say nothing but the sum of those above."""
    logements = [c for c in LOGEMENT if c in donnees.columns]
    if logements:
        sans = donnees.filter(pl.all_horizontal(map(_vide, logements)))
        return set(sans["ligne"]) if 2 * sans.height < donnees.height else set()
    if table.nom != "previsions" or "nombre" not in donnees.columns:
        return set()
    autres = [c for c in donnees.columns if c not in ("ligne", "nombre")]
    vues = donnees.select(
        "ligne",
        _nombre("nombre").fill_null(0).alias("nombre"),
        pl.all_horizontal([_vide(c) for c in autres] or [pl.lit(False)]).alias("muette"),
    )
    trouvees, bloc, tout, rangs = set(), 0.0, 0.0, 0
    for ligne, nombre, muette in vues.iter_rows():
        if muette and rangs > 1 and nombre and nombre in (bloc, tout):
            trouvees.add(ligne)
            bloc, rangs = 0.0, 0
            continue
        bloc, tout, rangs = bloc + nombre, tout + nombre, rangs + 1
    return trouvees


def _vide(colonne: str) -> pl.Expr:
    return pl.col(colonne).is_null() | (pl.col(colonne).str.strip_chars() == "")


def _nombre(colonne: str) -> pl.Expr:
    return pl.col(colonne).str.replace(",", ".").cast(pl.Float64, strict=False)


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
    logements = [c for c in LOGEMENT if c in donnees.columns]
    sans = pl.all_horizontal(pl.col(logements).is_null()) if logements else pl.lit(True)
    vues = donnees.join(mots, on="ligne", how="left", maintain_order="left").select(
        "ligne",
        pl.when(sans).then("texte").alias("texte"),
        *(_nombre(c.nom).alias(c.nom) for c in nombres),
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


def _total_douteux(feuille: Feuille, ligne: int, quoi: str, texte: str = "") -> Anomalie:
    return Anomalie(
        Gravite.ERREUR,
        "ligne_de_total_douteuse",
        f"La ligne {ligne} {quoi} : un total parmi les données ? La ligne est rejetée.",
        "Supprimez-la si c'est un total ; sinon écrivez autrement cette cellule."
        if texte
        else "Supprimez-la si c'est un total ; sinon dites son logement, ou son territoire.",
        feuille.fichier,
        feuille.feuille,
        ligne,
        valeur=texte,
    )
