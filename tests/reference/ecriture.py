"""Writes canonical rows in the shapes that people send: separators, encodings, headings, dates, workbooks, parts."""

import csv
import random
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from openpyxl import Workbook

Ligne = Mapping[str, str | None]

NOMBRES = {
    "taux_pct",
    "taux_retrocession_pct",
    "taux_recu_pct",
    "taux_rotation_pct",
    "nombre",
    "nombre_droits",
    "flux_reservataire",
    "report_anterieur",
}
BOOLEENS = {"premiere_location", "report_n1", "dalo", "prioritaire", "quartile_1", "en_qpv", "ecart_justifie"}
ACCENTS = {
    "reservataire": "réservataire",
    "liberation": "libération",
    "evenement": "événement",
    "decompte": "décompte",
    "categorie": "catégorie",
    "echelle": "échelle",
    "annee": "année",
    "conge": "congé",
    "decision": "décision",
    "reponse": "réponse",
    "premiere": "première",
    "options": "Options",
    "noms": "noms",
    "recu": "reçu",
    "retrocession": "rétrocession",
    "operation": "opération",
    "prefet": "préfet",
}


def ecrire(
    tirage: random.Random, tables: Mapping[str, Sequence[Ligne]], dossier: Path, annee: int, *, simples: bool
) -> None:
    """Writes every table of a campaign; `simples` gives one plain CSV (`;`, UTF-8, ISO dates) per table.

    Args:
        tirage: source of chance of the shapes.
        tables: canonical rows.
        dossier: an existing folder.
        annee: the exercice N, used in file names.
    """
    for nom, lignes in tables.items():
        if nom == "rpls":
            for millesime in (annee, annee + 1):
                retenues = [ligne for ligne in lignes if ligne["millesime"] == str(millesime)]
                if retenues:
                    _ecrire_rpls(tirage, retenues, dossier, millesime, simples)
            continue
        colonnes = list(dict.fromkeys(colonne for ligne in lignes for colonne in ligne))
        if simples:
            _csv(dossier / f"{nom}.csv", [colonnes, *_cellules(lignes, colonnes)], ";", "utf-8")
            continue
        tirage.shuffle(colonnes)
        parts = [lignes]
        if len(lignes) > 3 and tirage.random() < 0.25:
            coupe = tirage.randint(1, len(lignes) - 1)
            parts = [lignes[:coupe], lignes[coupe:]]
        for numero, part in enumerate(parts, 1):
            suffixe = f"_t{numero}" if len(parts) > 1 else tirage.choice(("", f"_{annee}"))
            _ecrire_table(tirage, f"{nom}{suffixe}", part, colonnes, dossier)


def colonnes_rpls(famille: str) -> list[str]:
    """Names, in order, of the columns of a family of RPLS files: loi, declaration, publique."""
    with Path(__file__).with_name("colonnes_rpls.csv").open(encoding="utf-8", newline="") as flux:
        return next(
            ligne["colonnes"].split() for ligne in csv.DictReader(flux, delimiter=";") if ligne["famille"] == famille
        )


def _ecrire_rpls(tirage: random.Random, lignes: Sequence[Ligne], dossier: Path, millesime: int, simples: bool) -> None:
    """One file of one millésime, in the family that its rows name (`famille`, the full return file by default)."""
    famille = lignes[0].get("famille") or "loi"
    titres = colonnes_rpls(famille)
    colonnes = [titre.removesuffix("_CODE") for titre in titres]
    corps = _cellules(lignes, colonnes)
    chemin = dossier / f"rpls_{millesime}.csv"
    if simples:
        _csv(chemin, [titres, *corps], ";", "utf-8")
        return
    encodage = tirage.choice(("utf-8", "utf-8-sig", "cp1252"))
    if famille == "declaration":
        adresse = ["1 rue Fictive", "", "", "13000", "MARSEILLE"]
        entete = [str(millesime), "123456789", "BAILLEUR FICTIF", "", *adresse, "13000548100010", str(len(corps)), ""]
        _csv(chemin.with_suffix(".txt"), [entete, *corps], ";", encodage)
        return
    if famille == "publique":
        _csv(chemin, [titres, *corps], ";", "utf-8", guillemets=csv.QUOTE_ALL)
        return
    style = tirage.choice(("tel quel", "minuscules", "_red", "utiles"))
    if style == "utiles":
        utiles = [rang for rang, colonne in enumerate(colonnes) if any(ligne.get(colonne) for ligne in lignes)]
        titres, corps = [titres[rang] for rang in utiles], [[ligne[rang] for rang in utiles] for ligne in corps]
    elif style != "tel quel":
        titres = [titre.lower() + style.removeprefix("minuscules") for titre in titres]
    if tirage.random() < 0.15:
        for colonne in ("DEPCOM", "CODEPOSTAL"):
            rang = [titre.upper().removesuffix("_RED") for titre in titres].index(colonne)
            for ligne in corps:
                ligne[rang] = ligne[rang].lstrip("0")
    _csv(chemin, [titres, *corps], tirage.choice((";", ";", ",", "\t")), encodage)


def _ecrire_table(
    tirage: random.Random, nom: str, lignes: Sequence[Ligne], colonnes: Sequence[str], dossier: Path
) -> None:
    style_titre = tirage.choice(("tel quel", "MAJUSCULES", "Mots accentués"))
    titres = [_titre(colonne, style_titre) for colonne in colonnes]
    oui_non = tirage.choice((("oui", "non"), ("OUI", "NON"), ("1", "0"), ("vrai", "faux"), ("O", "N")))
    if tirage.random() < 0.3:
        _classeur(tirage, dossier / f"{nom}.xlsx", titres, colonnes, lignes, oui_non)
        return
    separateur = tirage.choice((";", ";", ",", "\t"))
    suffixe = ".txt" if separateur == "\t" and tirage.random() < 0.5 else ".csv"
    a_la_francaise, virgule = tirage.random() < 0.5, tirage.random() < 0.6
    corps = [
        [_forme(colonne, ligne.get(colonne) or "", a_la_francaise, virgule, oui_non) for colonne in colonnes]
        for ligne in lignes
    ]
    encodage = tirage.choice(("utf-8", "utf-8-sig", "cp1252"))
    _csv(dossier / f"{nom}{suffixe}", [titres, *corps], separateur, encodage)


def _titre(colonne: str, style: str) -> str:
    if style == "tel quel":
        return colonne
    if style == "MAJUSCULES":
        return colonne.upper()
    return " ".join(ACCENTS.get(mot, mot) for mot in colonne.split("_")).capitalize()


def _forme(colonne: str, valeur: str, a_la_francaise: bool, virgule: bool, oui_non: tuple[str, str]) -> str:
    if colonne in BOOLEENS and valeur in ("oui", "non"):
        return oui_non[valeur == "non"]
    if colonne in NOMBRES and virgule:
        return valeur.replace(".", ",")
    if colonne.startswith("date_") and valeur and a_la_francaise and len(valeur) == 10:
        return f"{date.fromisoformat(valeur):%d/%m/%Y}"
    return valeur


def _classeur(
    tirage: random.Random,
    chemin: Path,
    titres: Sequence[str],
    colonnes: Sequence[str],
    lignes: Sequence[Ligne],
    oui_non: tuple[str, str],
) -> None:
    classeur = Workbook()
    feuille = classeur.active
    assert feuille is not None
    feuille.title = tirage.choice(("Feuil1", "Données"))
    if tirage.random() < 0.5:
        feuille.append(["Tableau de suivi des réservations (données fictives)"])
        feuille.append([])
    feuille.append(list(titres))
    vraies_dates = tirage.random() < 0.6
    for ligne in lignes:
        cellules: list[str | float | date | None] = []
        for colonne in colonnes:
            valeur = ligne.get(colonne) or ""
            if colonne.startswith("date_") and len(valeur) == 10 and vraies_dates:
                cellules.append(date.fromisoformat(valeur))
            elif colonne in NOMBRES and valeur:
                cellules.append(float(valeur))
            else:
                cellules.append(_forme(colonne, valeur, not vraies_dates, False, oui_non) or None)
        feuille.append(cellules)
    classeur.save(chemin)


def _cellules(lignes: Sequence[Ligne], colonnes: Sequence[str]) -> list[list[str]]:
    return [[ligne.get(colonne) or "" for colonne in colonnes] for ligne in lignes]


def _csv(
    chemin: Path,
    lignes: Sequence[Sequence[str]],
    separateur: str,
    encodage: str,
    guillemets: Literal[0, 1] = csv.QUOTE_MINIMAL,
) -> None:
    with chemin.open("w", encoding=encodage, newline="") as flux:
        csv.writer(flux, delimiter=separateur, quoting=guillemets).writerows(lignes)
