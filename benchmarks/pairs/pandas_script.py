"""The peers' job in pandas, with the names of `requetes.py`: `python pandas_script.py ENTREES SORTIES REF`."""

import sys
from pathlib import Path

import pandas as pd

ENTREES, SORTIES, REF = (Path(a) for a in sys.argv[1:4])
AXES = ("typologie", "financement", "qpv", "commune", "periode_construction")
RPLS = "IDENT_REP DEPCOM EPCI SORTIEPATRIM TYPECONST FINAN MISCOMMERCIAL LOCAT NBPIECE QPV CONSTRUCT".split()


def lire(nom: str, dossier: Path = ENTREES, colonnes: list[str] | None = None) -> pd.DataFrame:
    return pd.read_csv(dossier / f"{nom}.csv", sep=";", dtype=str, keep_default_na=False, usecols=colonnes)


exclus = set(lire("exclusions")["ident_rep"])


def parc(millesime: int) -> pd.DataFrame:
    p = lire(f"rpls_{millesime}", colonnes=RPLS).rename(columns={"IDENT_REP": "ident_rep", "DEPCOM": "commune"})
    p = p.rename(columns={"EPCI": "epci"})[lambda t: ~t["SORTIEPATRIM"].isin(list("12345"))]
    p["soumis"] = ~(
        p["ident_rep"].isin(exclus)
        | (p["TYPECONST"] == "E")
        | (p["FINAN"] == "16")
        | (p["MISCOMMERCIAL"] == "1")
        | (pd.to_numeric(p["LOCAT"]) >= millesime)
    )
    p["departement"], p["bailleur"] = p["commune"].str[:2], ""
    return p


def compter(lignes: pd.DataFrame) -> pd.Series:
    morceaux = {e: lignes.groupby(e).size() for e in ("commune", "epci", "departement", "bailleur")}
    return pd.concat(morceaux, names=["echelle", "code_territoire"])


def en_2025(table: pd.DataFrame, colonne: str) -> pd.DataFrame:
    return table[table[colonne].between("2025-01-01", "2025-12-31")]


avant, apres = parc(2025), parc(2026)
soumis = avant[avant["soumis"]]
liberes = en_2025(lire("liberations"), "date_liberation").drop_duplicates(["ident_rep", "date_liberation"])
liberes = liberes.merge(soumis, on="ident_rep")
k = pd.DataFrame(
    {"a": compter(apres), "c": compter(apres[apres["soumis"]]), "c_n": compter(soumis), "l": compter(liberes)}
)
k = k.fillna(0)
tout = k.loc[("bailleur", "")]
prevu = lire("previsions")["nombre"].astype(float).sum()
flux = lire("reservataires").merge(k.reset_index(), on=["echelle", "code_territoire"])
local = flux["base_rotation"] == "liberations_territoire"
flux["d"] = 100 * (flux["l"] / flux["c_n"]).where(local, tout["l"] / tout["c_n"])
flux["f"] = prevu * flux["c"] / tout["c"]
flux["i"] = flux["taux_pct"].str.replace(",", ".").astype(float)
flux["e"] = flux["c"] * flux["d"] / 100
flux["h"] = (flux["e"] - flux["f"]).clip(lower=0)
flux["j"] = flux["h"] * flux["i"] / 100
flux = flux[["code_reservataire", "a", "c", "d", "f", "i", "e", "h", "j"]].sort_values("code_reservataire")

offres, decisions = lire("propositions"), lire("attributions")
offres = offres[(offres["premiere_location"] != "oui") & (offres["issue"] != "annulation")]
decisions = decisions[
    decisions["decision"].str.startswith("attribution")
    & (decisions["categorie"] == "droit_commun")
    & (decisions["premiere_location"] != "oui")
]
faits = pd.concat(
    table.assign(mesure=mesure).rename(columns={cle: "cle"})[["mesure", "code_reservataire", "ident_rep", "cle"]]
    for mesure, table, cle in (
        ("mises_a_disposition", en_2025(offres, "date_mise_a_disposition"), "id_proposition"),
        ("attributions", en_2025(decisions, "date_caleol"), "date_caleol"),
        ("baux_signes", en_2025(decisions, "date_signature_bail"), "date_signature_bail"),
    )
).drop_duplicates()
codes = lire("codes_rpls", REF)
periodes = lire("periodes_construction", REF)
decrits = faits.merge(avant, on="ident_rep")
pieces = pd.to_numeric(decrits["NBPIECE"]).clip(upper=6)
decrits["typologie"] = "T" + pieces.astype(str) + pieces.eq(6).map({True: "+", False: ""})
for dimension, colonne in (("financement", "FINAN"), ("qpv", "QPV")):
    libelles = codes[codes["dimension"] == dimension].set_index("code")["modalite"]
    decrits[dimension] = decrits[colonne].map(libelles)
bornes = [*periodes["annee_min"].astype(int), periodes["annee_max"].astype(int).max() + 1]
annees = pd.to_numeric(decrits["CONSTRUCT"])
decrits["periode_construction"] = pd.cut(annees, bornes, right=False, labels=list(periodes["periode_construction"]))
decrits["total"] = "total"
mesures = pd.concat(
    decrits.groupby(["mesure", "code_reservataire", axe], observed=True).size().rename_axis(
        ["mesure", "code_reservataire", "modalite"]).reset_index(name="nombre").assign(dimension=axe)
    for axe in ("total", *AXES)
)  # fmt: skip
mesures = mesures[["mesure", "code_reservataire", "dimension", "modalite", "nombre"]]
SORTIES.mkdir(parents=True, exist_ok=True)
flux.to_csv(SORTIES / "flux.csv", sep=";", index=False)
mesures.to_csv(SORTIES / "mesures.csv", sep=";", index=False)
