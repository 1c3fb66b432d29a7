"""What the conventions read ask of the disk: a code that names files and folders, a template that exists."""

import re
import unicodedata

import polars as pl

from flows.anomalies import Anomalie, Gravite
from flows.chemins import GABARITS, modeles_word

LONGUEUR_MAX = 80
OCTETS_MAX = 200
"""Of a code in UTF-8: with what is around it, a file name stays under the 255 that disks allow."""
_SIGNES_INTERDITS = frozenset('<>:"/\\|?*')
_NOM_RESERVE = re.compile(r"(con|prn|aux|nul|(com|lpt)[\d¹²³])(\..*)?", re.IGNORECASE)
_A_NOUS = re.compile(r"_bailleur|ep(ci|t)_\d{9}", re.IGNORECASE)
REMEDE = f'sans espace ni point au bord, sans < > : " / \\ | ? *, de {LONGUEUR_MAX} caractères au plus'


def faute_du_code(code: str) -> str:
    """Why a code cannot name a file on every system, in French; empty when it can."""
    bords = bool(code) and code == code.strip(" .") and not _NOM_RESERVE.fullmatch(code)
    court = len(code) <= LONGUEUR_MAX and len(code.encode("utf-8", "replace")) <= OCTETS_MAX
    if not (bords and court and code.isprintable() and _SIGNES_INTERDITS.isdisjoint(code)):
        return "ne peut pas nommer un fichier"
    return ""


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
