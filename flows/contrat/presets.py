"""What the five conventions that were read chose, by model: defaults for the conventions that follow them."""

from functools import cache

from flows.chemins import CONTRAT
from flows.contrat.listes import lire_liste

COLONNES = (
    *("evenement_decompte", "base_rotation", "mode_taux"),
    *("arrondi_etapes", "arrondi_final", "report_n1", "options"),
)
"""Columns of a convention that its model gives."""
MODELE = "modele_convention"


@cache
def lire_presets() -> dict[str, dict[str, str]]:
    """Model → its columns; `nom` in French, `non_ecrit` what its text does not say and is to be checked."""
    colonnes = ("modele", "nom", *COLONNES, "non_ecrit")
    return {
        ligne["modele"]: ligne
        for _, ligne in lire_liste(CONTRAT / "presets_conventions.csv", colonnes, cle=("modele",))
    }
