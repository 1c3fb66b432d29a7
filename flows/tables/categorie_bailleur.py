"""The category of the bailleur, that a declaration does not have and that the law needs (contract, `sem_non_apl`)."""

from collections.abc import Mapping

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.contrat.schema import charger
from flows.contrat.valeurs import lire_code_rpls
from flows.depot.feuilles import Feuille

QUESTION = "Catégorie de l'organisme"
_OUTRE_MER = r"^9[78]"


def completer(
    logements: pl.DataFrame,
    feuille: Feuille,
    reponses: Mapping[str, str],
    est_declaration: bool,
    gravite: Gravite = Gravite.ERREUR,
) -> tuple[pl.DataFrame, list[Anomalie]]:
    """The dwellings with the category that the bailleur answered, where the file gives none.

    Without an answer: an anomaly of that `gravite` when dwellings without convention would be out of the flux of a SEM
    and in that of any other (CCH R.441-5).
    """
    if "cat_org" in logements.columns and logements["cat_org"].drop_nulls().len():
        return logements, []
    reponse = next((texte for question, texte in reponses.items() if question.startswith("categorie")), "")
    lue = lire_code_rpls(reponse, charger().codes["rpls_cat_org"])
    if lue.canonique:
        return logements.with_columns(pl.lit(lue.canonique).alias("cat_org")), []
    if not {"conv", "depcom"} <= set(logements.columns) or not (est_declaration or "ident_rep" in logements.columns):
        return logements, []
    concernes = logements.filter((pl.col("conv") == "2") & ~pl.col("depcom").str.contains(_OUTRE_MER))
    if concernes.height == 0:
        return logements, []
    return logements, [
        Anomalie(
            gravite,
            "categorie_bailleur_inconnue",
            f"{concernes.height} logement(s) non conventionné(s) : le fichier ne dit pas la catégorie de "
            "l'organisme (CAT_ORG) : ils sont hors du flux d'une SEM, et dans celui d'un OPH ou d'une ESH.",
            f"Répondez à la question « {QUESTION} » (OPH, ESH, SEM…) dans la feuille Bailleur de correspondances.xlsx.",
            feuille.fichier,
            feuille.feuille,
            concernes["ligne"][0],
            "cat_org",
        )
    ]
