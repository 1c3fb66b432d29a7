"""The millésime of an RPLS file: what its header or its rows say, else its name (contrat, table `rpls`)."""

import re

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.contrat.valeurs_dates import lire_annee
from flows.depot.extraction import Feuille
from flows.tables.declaration import Declaration

_ANNEE_DU_NOM = re.compile(r"(?<!\d)(20\d{2})(?!\d)")


def millesime_du_nom(nom: str) -> int | None:
    """The one year that a file name holds: `rpls_2026.csv` → 2026; None when it holds none, or several."""
    annees = set(_ANNEE_DU_NOM.findall(nom))
    return int(annees.pop()) if len(annees) == 1 else None


def poser_millesime(
    feuille: Feuille, donnees: pl.DataFrame, declaration: Declaration | None
) -> tuple[pl.DataFrame | None, list[Anomalie]]:
    """The rows with their column `millesime`; None, and a blocking anomaly, when it is unknown or not single.

    What the file says wins over its name, and a difference is said.
    """
    du_nom = millesime_du_nom(feuille.fichier)
    annees = [str(declaration.millesime)] if declaration else _annees(donnees)
    if len(annees) > 1:
        message = f"Le fichier mêle plusieurs millésimes : {', '.join(annees)}."
        return None, [_refus(feuille, "deux_millesimes", message)]
    if not annees and du_nom is None:
        message = "Le millésime du fichier RPLS n'est ni dans le fichier ni dans son nom."
        return None, [_refus(feuille, "millesime_inconnu", message)]
    annee = annees[0] if annees else str(du_nom)
    anomalies = []
    if du_nom is not None and annee != str(du_nom):
        anomalies.append(
            Anomalie(
                Gravite.ERREUR,
                "millesime_contredit",
                f"Le nom du fichier dit {du_nom}, son contenu dit {annee} : le contenu fait foi.",
                "Vérifiez que c'est le bon fichier, et corrigez son nom.",
                feuille.fichier,
                feuille.feuille,
                colonne="millesime",
                valeur=annee,
            )
        )
    return donnees.with_columns(pl.lit(annee).alias("millesime")), anomalies


def _annees(donnees: pl.DataFrame) -> list[str]:
    """Distinct years of the column `millesime`; a text that is no year stays as it is, to be said."""
    if "millesime" not in donnees.columns:
        return []
    textes = [str(texte) for texte in donnees["millesime"].drop_nulls().unique()]
    lues = [(lire_annee(texte), texte) for texte in textes]
    return sorted({lue.canonique or texte for lue, texte in lues if lue.canonique or lue.probleme})


def _refus(feuille: Feuille, code: str, message: str) -> Anomalie:
    correction = (
        "Un fichier par millésime, l'année dans le nom : rpls_2026.csv pour l'état au 1er janvier 2026 ; ou écrivez-le "
        "dans correspondances.xlsx, feuille Feuilles, colonne Millésime."
    )
    return Anomalie(Gravite.BLOQUANT, code, message, correction, feuille.fichier, feuille.feuille, colonne="millesime")
