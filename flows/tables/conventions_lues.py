"""What the conventions read ask of the disk: a code that names files and folders, a template that exists."""

import re
import unicodedata

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.chemins import GABARITS, modeles_word
from flows.contrat.nommage import LONGUEUR_MAX, REMEDE, faute_du_code

_A_NOUS = re.compile(r"_bailleur|ep(ci|t)_\d{9}|non_reserve|total", re.IGNORECASE)


def autre_alphabet(texte: str) -> str:
    """The first letter that is not Latin, with its name (a look-alike makes two codes of one); else empty."""
    etrangere = next((c for c in texte if c.isalpha() and not unicodedata.name(c, "").startswith("LATIN")), "")
    return f"« {etrangere} » ({unicodedata.name(etrangere, 'sans nom').lower()})" if etrangere else ""


def verifier_conventions(conventions: pl.DataFrame) -> list[Anomalie]:
    """Anomalies of the rows of `reservataires`, each with its file, sheet and row.

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
        elif lettre := autre_alphabet(code):
            anomalies.append(
                Anomalie(
                    Gravite.AVERTISSEMENT,
                    "lettre_d_un_autre_alphabet",
                    f"Le code de réservataire « {code} » a une lettre qui n'est pas latine : {lettre}.",
                    "Si elle n'y est pas exprès, retapez le code : il se confond avec un autre à l'œil.",
                    *ou,
                    "code_reservataire",
                    code,
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
