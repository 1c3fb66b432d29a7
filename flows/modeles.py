"""`gestion-flux modeles`: empty input workbooks made from the contract, with lists of words, notes and formats."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from flows.anomalies import MauvaisUsage
from flows.chemins import CONTRAT
from flows.contrat.listes import lire_liste
from flows.contrat.presets import COLONNES, MODELE, lire_presets
from flows.contrat.schema import Colonne, Table, charger
from flows.tables.correspondances import CONVENTIONS
from flows.tables.donnees_feuille import EXEMPLE

SEULES = ("droits", "liberations", "propositions", "attributions", "exclusions", "programmes_neufs")
LIGNES = 2_000
CONVENTIONS_MONTREES = 60
_FORMATS = {"date": "dd/mm/yyyy", "entier": "0", "decimal": "General", "positif": "General", "pourcentage": "0.######"}
_EXEMPLES = {"date": "31/12/2025", "entier": "1", "decimal": "1", "positif": "1", "pourcentage": "13,55"}
_EXEMPLES |= {"logement": "0012345678", "commune": "01004", "territoire": "01004", "booleen": "oui", "annee": "2026"}
_EXEMPLES |= {"siren": "123456782", "siret": "12345678200010", "jour_mois": "30/11", "code_postal": "01500"}


def ecrire_modeles(dossier: Path) -> list[Path]:
    """Writes `conventions.xlsx` and a workbook a table in a folder, made if needed; gives the files written.

    Raises MauvaisUsage when one of them is already there: what somebody filled is never replaced.
    """
    schema = charger()
    chemins = [dossier / "conventions.xlsx", *(dossier / f"{nom}.xlsx" for nom in SEULES)]
    presents = [chemin.name for chemin in chemins if chemin.exists()]
    if presents:
        raise MauvaisUsage(
            f"{dossier} contient déjà {', '.join(presents)} : donnez un autre dossier, rien n'est écrit."
        )
    dossier.mkdir(parents=True, exist_ok=True)
    _ecrire(chemins[0], {titre: schema.tables[table] for titre, table in CONVENTIONS.items()}, presets=True)
    for chemin, nom in zip(chemins[1:], SEULES, strict=True):
        _ecrire(chemin, {nom: schema.tables[nom]})
    return chemins


def _ecrire(chemin: Path, feuilles: dict[str, Table], presets: bool = False) -> None:
    with xlsxwriter.Workbook(chemin, {"strings_to_formulas": False, "strings_to_urls": False}) as livre:
        formats = {
            "obligatoire": livre.add_format({"bold": True, "bottom": 1, "bg_color": "#DDEBF7", "text_wrap": True}),
            "facultatif": livre.add_format({"bottom": 1, "text_wrap": True}),
            "exemple": livre.add_format({"font_color": "#808080", "italic": True, "num_format": "@"}),
        }
        listes: list[tuple[str, list[str]]] = []
        for titre, table in feuilles.items():
            _feuille(livre, livre.add_worksheet(titre), table, formats, listes)
        if presets:
            _defauts(livre.add_worksheet("Défauts"), next(iter(feuilles.values())), formats)
            _presets(livre.add_worksheet("Modèles"), formats)
        cachee = livre.add_worksheet("Listes")
        cachee.hide()
        for rang, (_, mots) in enumerate(listes):
            cachee.write_column(0, rang, mots)


def _feuille(
    livre: Any, feuille: Any, table: Table, formats: dict[str, Any], listes: list[tuple[str, list[str]]]
) -> None:
    """Headings with their notes, the format of each column, its list of words, and one grey row of example."""
    feuille.freeze_panes(1, 0)
    for rang, colonne in enumerate(c for c in table.colonnes.values() if c.usage != "lue"):
        obligatoire = colonne.entete_obligatoire or bool(colonne.groupe)
        feuille.write_string(0, rang, colonne.nom, formats["obligatoire" if obligatoire else "facultatif"])
        note = colonne.libelle + (" (obligatoire)" if obligatoire else "")
        if colonne.nom in COLONNES and table.nom == "reservataires":
            note += f"\nVide : celui du modèle choisi dans {MODELE} (feuilles Défauts, Modèles)."
        feuille.write_comment(0, rang, note)
        feuille.set_column(rang, rang, 20, livre.add_format({"num_format": _FORMATS.get(colonne.type, "@")}))
        mots = _mots(colonne)
        feuille.write_string(1, rang, EXEMPLE if rang == 0 else _exemple(colonne, mots), formats["exemple"])
        if mots:
            if (colonne.liste, mots) not in listes:
                listes.append((colonne.liste, mots))
            lettre = xlsxwriter.utility.xl_col_to_name(listes.index((colonne.liste, mots)))
            source = f"=Listes!${lettre}$1:${lettre}${len(mots)}"
            feuille.data_validation(2, rang, LIGNES, rang, {"validate": "list", "source": source})


def _mots(colonne: Colonne) -> list[str]:
    """The words of a column, in French: the label of each code, else the code."""
    if colonne.type == "booleen":
        return ["oui", "non"]
    if colonne.type != "liste":
        return []
    libelles = {
        ligne["code"]: ligne["libelle"] for ligne in _codes() if ligne["liste"] == colonne.liste and ligne["libelle"]
    }
    return [libelles.get(code, code) for code in charger().modalites[colonne.liste] if code]


def _codes() -> Sequence[dict[str, str]]:
    return [ligne for _, ligne in lire_liste(CONTRAT / "codes.csv", ("liste", "alias", "code", "libelle"))]


def _exemple(colonne: Colonne, mots: Sequence[str]) -> str:
    return mots[0] if mots else _EXEMPLES.get(colonne.type, "")


def _defauts(feuille: Any, table: Table, formats: dict[str, Any]) -> None:
    """What each convention takes, row for row: its own cell, else that of the model that it names (formulas)."""
    noms = [c.nom for c in table.colonnes.values() if c.usage != "lue"]
    lettre = {nom: xlsxwriter.utility.xl_col_to_name(rang) for rang, nom in enumerate(noms)}
    feuille.freeze_panes(1, 0)
    feuille.set_column(0, len(COLONNES), 26)
    for rang, nom in enumerate(("Convention", *COLONNES)):
        feuille.write_string(0, rang, nom, formats["facultatif"])
    for ligne in range(3, CONVENTIONS_MONTREES + 3):
        feuille.write_formula(ligne - 2, 0, f'=Conventions!{lettre["code_reservataire"]}{ligne}&""', value="")
        modele = f"MATCH(Conventions!{lettre[MODELE]}{ligne},Modèles!$A$2:$A${len(lire_presets()) + 1},0)"
        for rang, nom in enumerate(COLONNES, start=1):
            sienne, choix = f"Conventions!{lettre[nom]}{ligne}", xlsxwriter.utility.xl_col_to_name(rang)
            du_modele = f'IFERROR(INDEX(Modèles!${choix}$2:${choix}${len(lire_presets()) + 1},{modele})&"","")'
            feuille.write_formula(ligne - 2, rang, f'=IF({sienne}<>"",{sienne},{du_modele})', value="")


def _presets(feuille: Any, formats: dict[str, Any]) -> None:
    """What the five conventions that were read chose: a row a model, the words of the lists."""
    colonnes = {c.nom: c for c in charger().tables["reservataires"].colonnes.values()}
    feuille.set_column(0, 0, 60)
    feuille.set_column(1, len(COLONNES) + 1, 26)
    for rang, nom in enumerate((MODELE, *COLONNES, "non écrit : à vérifier")):
        feuille.write_string(0, rang, nom, formats["facultatif"])
    for numero, preset in enumerate(lire_presets().values(), start=1):
        feuille.write_string(numero, 0, preset["nom"])
        for rang, nom in enumerate(COLONNES, start=1):
            feuille.write_string(numero, rang, _libelle(colonnes[nom], preset[nom]))
        feuille.write_string(numero, len(COLONNES) + 1, preset["non_ecrit"])


def _libelle(colonne: Colonne, code: str) -> str:
    """A code in words, when its list has some."""
    libelles = {li["code"]: li["libelle"] for li in _codes() if li["liste"] == colonne.liste and li["libelle"]}
    return libelles.get(code, code)
