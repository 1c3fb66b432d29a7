"""A file of counts is not a file of dwellings: its rows are aggregates, and it is refused (contract, « In »)."""

import re

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.contrat.schema import normaliser_entete
from flows.depot.feuilles import Feuille, lettres
from flows.tables.entetes import Entete

IDENTIFIANTS = ("ident_rep", "ident_int")
_COMPTE = r"(?:n|nb|nbr|nbre|nombre|count|effectifs?|total|somme|sum|quantite|qte|frequence|freq)"
_OBJET = r"(?:de|des|d|star|logements?|logts?|lgts?|logs?|lls?|ls|hlm|sociaux|social|rpls|parc|lignes?|tot|total)"
_COMPTES = re.compile(rf"{_COMPTE}{_OBJET}*|(?:logements?|logts?|lgts?|lls|parc)(?:total|tot|sociaux|social|hlm)*")
_TAUX = re.compile(r"(?:tx|taux|densite|pct|pourcentage|moyenne|mediane)[a-z0-9]*")
_MESURE = re.compile(r"loyer|surf|prix|etage|ann[ee]|date|cout|charge|conso|code|num|ref")
_ENTIER = r"^\s*[0-9]{1,6}(?:[\s\x{a0}\x{202f}][0-9]{3})?\s*$"
COLONNES_D_UN_PARC = 8
"""Fewer columns than that are no register of dwellings: an unknown column of integers is then likely to count them."""
_NOMBRE = r"^\s*[0-9][0-9\s\x{a0}\x{202f}]*(?:[.,][0-9]+)?\s*%?\s*$"


def refuser_agregat(feuille: Feuille, lignes: pl.DataFrame, entete: Entete) -> list[Anomalie]:
    """A blocking anomaly when no column identifies the dwellings and another counts them, or gives their rate.

    Whatever its heading when the file says little of them: « Valeur », « T3 », « Volume 2025 ».
    """
    corps = lignes.filter(pl.col("ligne") > entete.derniere_ligne)
    identifiants = [champ for champ, colonne in entete.colonnes.items() if colonne in IDENTIFIANTS]
    if any((corps[champ].fill_null("").str.strip_chars() != "").any() for champ in identifiants):
        return []
    est_mince = len(set(entete.colonnes.values())) < COLONNES_D_UN_PARC
    for champ, intitule in entete.inconnus.items():
        nom = normaliser_entete(intitule)
        compte = _COMPTES.fullmatch(nom) or _TAUX.fullmatch(nom)
        if not compte and not (est_mince and not _MESURE.search(nom)):
            continue
        remplies = corps[champ].drop_nulls().filter(corps[champ].drop_nulls().str.strip_chars() != "")
        if remplies.len() and remplies.str.contains(_NOMBRE if compte else _ENTIER).all():
            return [_agregat(feuille, entete, champ, intitule)]
    return []


def _agregat(feuille: Feuille, entete: Entete, champ: str, intitule: str) -> Anomalie:
    colonne = lettres(int(champ.removeprefix("c")))
    return Anomalie(
        Gravite.BLOQUANT,
        "fichier_agrege",
        f"Le fichier est un tableau de comptes : aucune colonne n'identifie les logements, et la colonne {colonne} "
        f"« {intitule} » les compte. Chaque ligne serait lue comme un seul logement.",
        "Déposez le fichier RPLS détaillé, une ligne par logement ; si c'est bien lui, supprimez cette colonne.",
        feuille.fichier,
        feuille.feuille,
        entete.derniere_ligne,
        colonne,
    )
