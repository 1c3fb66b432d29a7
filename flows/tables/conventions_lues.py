"""What the conventions read ask of the disk: a code that names files and folders, a template that exists."""

import re

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.chemins import GABARITS, modeles_word

LONGUEUR_MAX = 80
_SIGNES_INTERDITS = frozenset('<>:"/\\|?*')
_NOM_RESERVE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_A_NOUS = re.compile(r"_bailleur|ep(ci|t)_\d{9}", re.IGNORECASE)
REMEDE = f'sans espace ni point au bord, sans < > : " / \\ | ? *, de {LONGUEUR_MAX} caractères au plus'


def faute_du_code(code: str) -> str:
    """Why a code cannot name a file on every system, in French; empty when it can."""
    bords = bool(code) and code == code.strip(" .") and not _NOM_RESERVE.fullmatch(code)
    if not (bords and len(code) <= LONGUEUR_MAX and code.isprintable() and _SIGNES_INTERDITS.isdisjoint(code)):
        return "ne peut pas nommer un fichier"
    return ""


def verifier_conventions(conventions: pl.DataFrame) -> list[Anomalie]:
    """Blocking anomalies of the rows of `reservataires`, each with its file, sheet and row.

    `conventions` has `fichier`, `feuille`, `ligne`, the accepted columns.
    """
    anomalies: list[Anomalie] = []
    premiers: dict[str, str] = {}
    modeles = set(modeles_word(GABARITS / "annexes"))
    for ligne in conventions.iter_rows(named=True):
        ou = (ligne["fichier"], ligne["feuille"], ligne["ligne"])
        code = str(ligne["code_reservataire"])
        faute = faute_du_code(code)
        if _A_NOUS.fullmatch(code):
            faute = "est le nom d'un bilan que le produit écrit lui-même"
        elif not faute and premiers.setdefault(code.casefold(), code) != code:
            faute = f"ne diffère que par ses majuscules de « {premiers[code.casefold()]} »"
        if faute:
            anomalies.append(
                Anomalie(
                    Gravite.BLOQUANT,
                    "code_reservataire_interdit",
                    f"Le code de réservataire « {code[:LONGUEUR_MAX]} » {faute}.",
                    f"Donnez-lui un code bien à lui, {REMEDE}.",
                    *ou,
                    "code_reservataire",
                    code[:LONGUEUR_MAX],
                )
            )
        modele = str(ligne.get("modele_annexe") or "").strip().removesuffix(".docx")
        if modele and modele not in modeles:
            anomalies.append(
                Anomalie(
                    Gravite.BLOQUANT,
                    "modele_annexe_inconnu",
                    f"Le modèle d'annexe « {modele[:LONGUEUR_MAX]} » n'existe pas dans templates/annexes.",
                    f"Corrigez modele_annexe. Possibles : {', '.join(sorted(modeles))}.",
                    *ou,
                    "modele_annexe",
                    modele[:LONGUEUR_MAX],
                )
            )
    return anomalies
