"""Finds the heading of a sheet: below title rows, under merged two-level headings, in any order, under any alias."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from flows.contrat.schema import IGNOREE, normaliser_entete, reconnaitre

LIGNES_EXPLOREES = 40
AUCUNE_DECISION: Mapping[str, str] = {}
NIVEAUX = 3
CHIFFRES = re.compile(r"\d{2}")
UN_CHIFFRE = re.compile(r"\d")


@dataclass(frozen=True)
class Entete:
    """Where the heading of a sheet is and which declared column each sheet column is.

    `colonnes` maps the frame's column (`c3`) to the declared one; `vus` are the headings as the user wrote them;
    `inconnus` those of them that nobody knows; `doubles` are the declared columns that two headings claim.
    """

    premiere_ligne: int
    derniere_ligne: int
    colonnes: dict[str, str]
    vus: dict[str, str]
    inconnus: dict[str, str]
    doubles: dict[str, list[str]]
    donnees_ailleurs: frozenset[str] = frozenset()  # columns that decisions give, without any heading


def trouver_entete(
    lignes: pl.DataFrame, table: str, millesime: int | None, decidees: Mapping[str, str] = AUCUNE_DECISION
) -> Entete | None:
    """The best heading among the first rows of a sheet, or None when no row names two declared columns.

    `lignes` has `ligne` and c1…cN. A block of up to three rows is one heading when its lower rows are headings too
    (two-level merged headings): the lowest recognised cell of each column wins, else « parent enfant » together. A
    title above is not part of it: of two blocks that say as much and end on the same row, the shorter is the heading.
    `decidees` are the headings that the bailleur decided, normalised: they win, and one of them is enough.
    """
    debut = lignes.head(LIGNES_EXPLOREES).rows(named=True)
    champs = [c for c in lignes.columns if c != "ligne"]
    meilleur: tuple[int, Entete] | None = None
    for i in range(len(debut)):
        for hauteur in range(1, NIVEAUX + 1):
            bloc = debut[i : i + hauteur]
            if len(bloc) < hauteur or (hauteur > 1 and not _est_entete(bloc[-1], champs, table, millesime, decidees)):
                break
            entete = _lire_bloc(bloc, champs, table, millesime, decidees)
            score = len(set(entete.colonnes.values()))
            if score >= (1 if decidees else 2) and (
                meilleur is None
                or score > meilleur[0]
                or (score == meilleur[0] and entete.derniere_ligne == meilleur[1].derniere_ligne)
            ):
                meilleur = (score, entete)
    return meilleur[1] if meilleur else None


def deviner_entete(lignes: pl.DataFrame, chiffre: re.Pattern[str] = CHIFFRES) -> Entete | None:
    """The row that a reader would take for the headings, when no column is known: words, then rows that have digits.

    None when there is no such row: a row of words alone may be about somebody. `chiffre`: what the next row must hold.
    """
    champs = [c for c in lignes.columns if c != "ligne"]
    debut = lignes.head(LIGNES_EXPLOREES).rows(named=True)
    remplies = [[c for c in champs if ligne[c] and str(ligne[c]).strip()] for ligne in debut]
    largeur = max(map(len, remplies), default=0)
    for rang, ligne in enumerate(debut[:-1]):
        mots = remplies[rang]
        if len(mots) < max(2, 0.6 * largeur) or any(CHIFFRES.search(str(ligne[c])) for c in mots):
            continue
        if any(chiffre.search(str(debut[rang + 1][c])) for c in remplies[rang + 1]):
            vus = {c: str(ligne[c]).strip() for c in mots}
            numero = int(str(ligne["ligne"]))
            return Entete(numero, numero, {}, vus, dict(vus), {})
    return None


def _est_entete(
    ligne: dict[str, str | None], champs: list[str], table: str, millesime: int | None, decidees: Mapping[str, str]
) -> bool:
    """True when most filled cells of a row are headings: a row of data is not the lower part of a heading."""
    remplies = [ligne[c] for c in champs if ligne[c]]
    reconnues = sum(
        1
        for texte in remplies
        if normaliser_entete(str(texte)) in decidees or reconnaitre(table, millesime, str(texte))
    )
    return bool(remplies) and 2 * reconnues >= len(remplies)


def _lire_bloc(
    bloc: list[dict[str, str | None]],
    champs: list[str],
    table: str,
    millesime: int | None,
    decidees: Mapping[str, str],
) -> Entete:
    colonnes: dict[str, str] = {}
    vus: dict[str, str] = {}
    decides: set[str] = set()
    parents = [_prolonger(ligne, champs) for ligne in bloc]
    for champ in champs:
        propres = [str(ligne[champ]).strip() for ligne in bloc if ligne[champ] and str(ligne[champ]).strip()]
        if not propres:
            continue
        vus[champ] = " / ".join(propres)
        ensemble = " ".join(dict.fromkeys(p[champ] for p in parents if p[champ]))
        textes = [*reversed(propres), ensemble, vus[champ]]
        choisies = [decidees[cle] for texte in textes if (cle := normaliser_entete(texte)) in decidees]
        colonne = (
            choisies[0] if choisies else next(filter(None, (reconnaitre(table, millesime, t) for t in textes)), None)
        )
        if colonne:
            colonnes[champ] = colonne
        if choisies:
            decides.add(champ)
    voulues = {colonnes[champ] for champ in decides}
    colonnes = {c: IGNOREE if c not in decides and colonne in voulues else colonne for c, colonne in colonnes.items()}
    utiles = {champ: colonne for champ, colonne in colonnes.items() if colonne != IGNOREE}
    inverse: dict[str, list[str]] = {}
    for champ, colonne in utiles.items():
        inverse.setdefault(colonne, []).append(champ)
    doubles = {colonne: [vus[c] for c in liste] for colonne, liste in inverse.items() if len(liste) > 1}
    inconnus = {champ: texte for champ, texte in vus.items() if champ not in colonnes}
    premiere, derniere = (int(str(ligne["ligne"])) for ligne in (bloc[0], bloc[-1]))
    return Entete(premiere, derniere, utiles, vus, inconnus, doubles)


def _prolonger(ligne: dict[str, str | None], champs: list[str]) -> dict[str, str]:
    """A merged heading covers the empty cells on its right."""
    resultat: dict[str, str] = {}
    dernier = ""
    for champ in champs:
        dernier = str(ligne[champ]).strip() if ligne[champ] else dernier
        resultat[champ] = dernier
    return resultat


def cellules_non_declarees(lignes: pl.DataFrame, declarees: Mapping[str, str], vus: Mapping[str, str]) -> pl.Series:
    """What each row says in the columns that the contract does not declare: one text, "" when they are blank.

    A heading names its cells, so that neither the order of columns nor one that is blank makes rows different.
    """
    autres = {c: normaliser_entete(vus.get(c, "")) or c for c in lignes.columns if c != "ligne" and c not in declarees}
    cellules = [
        pl.when(pl.col(champ).str.strip_chars() != "").then(
            pl.concat_str(pl.lit(f"{nom}\x1f"), pl.col(champ).str.strip_chars())
        )
        for nom, champ in sorted((nom, champ) for champ, nom in autres.items())
    ]
    if not cellules:
        return pl.Series([""] * lignes.height, dtype=pl.String)
    return lignes.select(pl.concat_str(cellules, separator="\x1e", ignore_nulls=True)).to_series()
