"""The peers' job in polars, with the names of `requetes.py`: `python polars_script.py ENTREES SORTIES REF`."""

import sys
from pathlib import Path

import polars as pl

ENTREES, SORTIES, REF = (Path(a) for a in sys.argv[1:4])
AXES = ("typologie", "financement", "qpv", "commune", "periode_construction")
COLONNES = {"IDENT_REP": "ident_rep", "DEPCOM": "commune", "EPCI": "epci"}
EN_2025 = (pl.lit("2025-01-01"), pl.lit("2025-12-31"))


def lire(nom: str, dossier: Path = ENTREES) -> pl.LazyFrame:
    return pl.scan_csv(dossier / f"{nom}.csv", separator=";", infer_schema=False)


def parc(millesime: int) -> pl.LazyFrame:
    exclus = lire("exclusions").select(ident_rep="ident_rep", exclu=pl.lit(True)).unique()
    motif = (
        pl.col("exclu").fill_null(False)
        | (pl.col("TYPECONST") == "E")
        | (pl.col("FINAN") == "16")
        | (pl.col("MISCOMMERCIAL") == "1")
        | (pl.col("LOCAT").cast(pl.Int32) >= millesime)
    )
    presents = ~pl.col("SORTIEPATRIM").fill_null("").is_in(["1", "2", "3", "4", "5"])
    lignes = lire(f"rpls_{millesime}").filter(presents).rename(COLONNES).join(exclus, on="ident_rep", how="left")
    return lignes.with_columns(soumis=~motif, departement=pl.col("commune").str.head(2))


def par_territoire(lignes: pl.DataFrame, nom: str) -> pl.DataFrame:
    morceaux = [
        lignes.with_columns(echelle=pl.lit("bailleur"), territoire=pl.lit(""))
        .group_by("echelle", "territoire")
        .len(nom)
    ]
    for echelle in ("commune", "epci", "departement"):
        groupes = lignes.group_by(territoire=pl.col(echelle)).len(nom)
        morceaux.append(groupes.select(pl.lit(echelle).alias("echelle"), "territoire", nom))
    return pl.concat(morceaux)


avant, apres = pl.collect_all([parc(m) for m in (2025, 2026)])
liberes = (
    (
        lire("liberations")
        .filter(pl.col("date_liberation").is_between(*EN_2025))
        .unique(["ident_rep", "date_liberation"])
    )
    .collect()
    .join(avant.filter("soumis"), on="ident_rep")
)
cles = ["echelle", "territoire"]
comptes = par_territoire(apres, "a")
for lignes, nom in ((apres.filter("soumis"), "c"), (avant.filter("soumis"), "c_n"), (liberes, "l")):
    comptes = comptes.join(par_territoire(lignes, nom), on=cles, how="left")
comptes = comptes.fill_null(0)
tout = comptes.row(by_predicate=pl.col("echelle") == "bailleur", named=True)
prevu = lire("previsions").select(pl.col("nombre").cast(pl.Float64).sum()).collect().item()
flux = (
    lire("reservataires")
    .with_columns(territoire=pl.col("code_territoire").fill_null(""))
    .collect()
    .join(comptes, on=cles)
    .with_columns(
        d=100
        * pl.when(pl.col("base_rotation") == "liberations_territoire")
        .then(pl.col("l") / pl.col("c_n"))
        .otherwise(tout["l"] / tout["c_n"]),
        f=prevu * pl.col("c") / tout["c"],
        i=pl.col("taux_pct").str.replace(",", ".").cast(pl.Float64),
    )
    .with_columns(e=pl.col("c") * pl.col("d") / 100)
    .with_columns(h=pl.max_horizontal(0.0, pl.col("e") - pl.col("f")))
    .with_columns(j=pl.col("h") * pl.col("i") / 100)
    .select("code_reservataire", "a", "c", "d", "f", "i", "e", "h", "j")
    .sort("code_reservataire")
)
offres = lire("propositions").filter(
    pl.col("date_mise_a_disposition").is_between(*EN_2025)
    & (pl.col("premiere_location") != "oui")
    & (pl.col("issue") != "annulation")
)
decisions = lire("attributions").filter(
    pl.col("decision").str.starts_with("attribution")
    & (pl.col("categorie") == "droit_commun")
    & (pl.col("premiere_location") != "oui")
)
faits = [
    table.filter(pl.col(cle).is_between(*bornes)).select(
        pl.lit(mesure).alias("mesure"), "code_reservataire", "ident_rep", cle=cle
    )
    for mesure, table, cle, bornes in (
        ("mises_a_disposition", offres, "id_proposition", (pl.lit(""), pl.lit("~"))),
        ("attributions", decisions, "date_caleol", EN_2025),
        ("baux_signes", decisions, "date_signature_bail", EN_2025),
    )
]
codes = lire("codes_rpls", REF).collect()
pieces = pl.min_horizontal(pl.col("NBPIECE").cast(pl.Int32), 6)
bornes = (
    lire("periodes_construction", REF).cast({"annee_min": pl.Int32, "annee_max": pl.Int32}).collect().sort("annee_min")
)
decrits = (
    pl.concat(faits)
    .unique()
    .collect()
    .join(avant, on="ident_rep")
    .with_columns(
        typologie=pl.format("T{}{}", pieces, pl.when(pieces == 6).then(pl.lit("+")).otherwise(pl.lit(""))),
        CONSTRUCT=pl.col("CONSTRUCT").cast(pl.Int32),
    )
)
for dimension, colonne in (("financement", "FINAN"), ("qpv", "QPV")):
    libelles = codes.filter(pl.col("dimension") == dimension).select(pl.col("code").alias(colonne), modalite="modalite")
    decrits = (
        decrits.drop("modalite", strict=False).join(libelles, on=colonne, how="left").rename({"modalite": dimension})
    )
decrits = decrits.sort("CONSTRUCT").join_asof(bornes, left_on="CONSTRUCT", right_on="annee_min")
mesures = pl.concat(
    decrits.group_by("mesure", "code_reservataire", modalite=pl.lit("total") if axe == "total" else pl.col(axe))
    .len("nombre")
    .select("mesure", "code_reservataire", pl.lit(axe).alias("dimension"), "modalite", "nombre")
    for axe in ("total", *AXES)
).sort(pl.all())
SORTIES.mkdir(parents=True, exist_ok=True)
flux.write_csv(SORTIES / "flux.csv", separator=";")
mesures.write_csv(SORTIES / "mesures.csv", separator=";")
