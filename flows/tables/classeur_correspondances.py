"""The workbook of correspondances as it is written: what was decided, untouched, then the questions."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from flows.contrat.schema import charger, normaliser_entete
from flows.fichiers import entier
from flows.tables.correspondances import FEUILLES, Correspondances
from flows.tables.reconnaissance import Question

TITRES = {
    "feuilles": ("Feuilles", ("Fichier", "Feuille", "Table", "Millésime")),
    "colonnes": ("Colonnes", ("Fichier", "Feuille", "Table", "Intitulé", "Colonne")),
    "constantes": ("Constantes", ("Fichier", "Feuille", "Table", "Colonne", "Valeur")),
    "valeurs": ("Valeurs", ("Table", "Colonne", "Valeur", "Devient")),
    "reservataires": ("Réservataires", ("Écriture", "Code")),
    "logements": ("Logements", ("Fichier", "Feuille", "Intitulé", "Référence")),
    "bailleur": ("Bailleur", ("Question", "Réponse")),
}
_AIDE = ("Proposition", "Confiance", "Exemple")
_LARGEUR = 28
_LIGNES_LISTE = 2_000


def ecrire(chemin: Path, correspondances: Correspondances, questions: Sequence[Question]) -> int:
    """Writes the workbook in place of `chemin`; gives how many questions were added, those already there aside.

    Decisions that are in other files (CSV, .ods) stay there alone.
    """
    tampon, ajoutees = io.BytesIO(), 0
    with xlsxwriter.Workbook(
        tampon, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as livre:
        formats = {
            "titre": livre.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "texte": livre.add_format({"num_format": "@"}),
            "attente": livre.add_format({"num_format": "@", "bg_color": "#FFF2CC"}),
        }
        for cle, (titre, entetes) in TITRES.items():
            feuille = livre.add_worksheet(titre)
            feuille.freeze_panes(1, 0)
            feuille.set_column(0, len(entetes) + len(_AIDE) - 1, _LARGEUR)
            for rang, intitule in enumerate((*entetes, *_AIDE)):
                feuille.write_string(0, rang, intitule, formats["titre"])
            noms, decision = FEUILLES[cle]
            siennes = correspondances.lignes.get(cle, ())
            connues = {_cle(ligne.cellules, cle) for ligne in siennes}
            lignes = [dict(ligne.cellules) for ligne in siennes if ligne.source in ("", chemin.name)]
            for question in questions:
                if (
                    normaliser_entete(question.feuille) == cle
                    and _cle(nouvelle := _ligne(question, cle), cle) not in connues
                ):
                    connues.add(_cle(nouvelle, cle))
                    lignes.append(nouvelle)
                    ajoutees += 1
            for numero, ligne in enumerate(lignes, start=1):
                for rang, nom in enumerate((*noms, *map(normaliser_entete, _AIDE))):
                    attend = nom == decision and not ligne.get(nom)
                    feuille.write_string(numero, rang, ligne.get(nom, ""), formats["attente" if attend else "texte"])
            _listes(feuille, cle, noms)
    with entier(chemin) as provisoire:
        provisoire.write_bytes(tampon.getvalue())
    return ajoutees


def _ligne(question: Question, cle: str) -> dict[str, str]:
    noms, decision = FEUILLES[cle]
    ligne = dict(zip((nom for nom in noms if nom != decision), question.cle, strict=False))
    aides = zip(_AIDE, (question.proposition, question.confiance, question.exemple), strict=True)
    return ligne | {normaliser_entete(nom): texte for nom, texte in aides}


def _cle(ligne: Mapping[str, str], cle: str) -> tuple[str, ...]:
    noms, decision = FEUILLES[cle]
    return tuple(normaliser_entete(ligne.get(nom, "")) for nom in noms if nom not in (decision, "millesime"))


def _listes(feuille: xlsxwriter.worksheet.Worksheet, cle: str, noms: Sequence[str]) -> None:
    """Drop-down lists of the tables; any other text stays allowed, for patterns and words of one's own."""
    if "table" in noms:
        rang = noms.index("table")
        choix = [*charger().campagne, "ne pas lire"] if cle == "feuilles" else list(charger().campagne)
        feuille.data_validation(
            1, rang, _LIGNES_LISTE, rang, {"validate": "list", "source": choix, "error_type": "warning"}
        )
