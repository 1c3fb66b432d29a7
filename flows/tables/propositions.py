"""What the cells below a heading look like, to propose a column for it: dwellings of the parc, dates, known words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from flows.contrat.schema import Colonne, Table, charger, normaliser_entete
from flows.contrat.typage import lecteur_de, lire_cellules
from flows.tables.entetes import Entete

SUFFIT = 0.5
"""Share of the cells of a column that must be what a column is, to propose it."""
CELLULES_VUES = 500


@dataclass(frozen=True)
class Vue:
    """A sheet as a table: its heading (None for a declaration), how many columns are known, what is missing."""

    table: Table
    entete: Entete | None
    reconnues: int
    manquantes: tuple[str, ...]


@dataclass(frozen=True)
class References:
    """How the RPLS names the dwellings, by their letters and digits without leading zeros."""

    ident_rep: frozenset[str] = frozenset()
    ident_int: frozenset[str] = frozenset()

    def reconnaitre(self, cellules: pl.Series) -> tuple[str, float]:
        """`ident_rep` or `ident_interne`, whichever the cells are more often, and their share; ("", 0) when neither."""
        vues = [plat for texte in cellules.head(CELLULES_VUES) if (plat := _plat(texte))]
        if not vues:
            return "", 0.0
        parts = {
            "ident_rep": sum(vue in self.ident_rep for vue in vues) / len(vues),
            "ident_interne": sum(vue in self.ident_int for vue in vues) / len(vues),
        }
        nom = max(parts, key=lambda n: parts[n])
        return (nom, parts[nom]) if parts[nom] >= SUFFIT else ("", 0.0)

    def tient(self, texte: str) -> bool:
        """True when a cell names a dwelling, in one way or the other."""
        return (plat := _plat(texte)) in self.ident_rep or plat in self.ident_int


def references(colonnes: Iterable[tuple[pl.Series | None, pl.Series | None]]) -> References:
    """Those of these columns (RPLS identifiers, internal references)."""
    reps: set[str] = set()
    ints: set[str] = set()
    for rep, interne in colonnes:
        reps |= {_plat(texte) for texte in rep.drop_nulls()} if rep is not None else set()
        ints |= {_plat(texte) for texte in interne.drop_nulls()} if interne is not None else set()
    return References(frozenset(reps - {""}), frozenset(ints - {""}))


def _plat(texte: str) -> str:
    return normaliser_entete(texte.removesuffix(".0")).lstrip("0")


def proposer(cellules: pl.Series, table: Table, libres: Mapping[str, str], connues: References) -> tuple[str, float]:
    """The free column that the cells are, and how surely: a dwelling, else words of one list, else the only date."""
    pleines = cellules.drop_nulls().str.strip_chars()
    pleines = pleines.filter(pleines != "").head(CELLULES_VUES)
    if not pleines.len():
        return "", 0.0
    nom, part = connues.reconnaitre(pleines)
    if nom in libres.values():
        return nom, part
    candidates = [table.colonnes[c] for c in dict.fromkeys(libres.values())]
    listes = [c for c in candidates if c.type == "liste" and not c.est_personnelle]
    notes = {c.nom: _lisibles(pleines, c) for c in listes}
    meilleure = max(notes, key=lambda n: notes[n], default="")
    if meilleure and notes[meilleure] >= SUFFIT:
        return meilleure, notes[meilleure]
    dates = [c for c in candidates if c.type == "date" and c.entete_obligatoire]
    if len(dates) == 1 and (note := _lisibles(pleines, dates[0])) >= SUFFIT:
        return dates[0].nom, note
    return "", 0.0


def _lisibles(cellules: pl.Series, colonne: Colonne) -> float:
    lues = lire_cellules(cellules, lecteur_de(colonne, source_numerique=True), colonne)
    return float(lues["canonique"].is_not_null().sum()) / cellules.len()


def constante_du_nom(nom: str, colonne: Colonne, reservataires: Mapping[str, tuple[str, ...]]) -> str:
    """What the name of a sheet says of a column that its rows do not have: « Ventes » → vente; "" when it says nothing.

    `reservataires`: normalised names → codes.
    """
    plat = normaliser_entete(nom)
    if colonne.nom == "code_reservataire":
        codes = {code for cle, siens in reservataires.items() if _se_tiennent(plat, cle) for code in siens}
        return codes.pop() if len(codes) == 1 else ""
    mots = charger().codes.get(colonne.liste, {}) if colonne.type == "liste" else {}
    trouves = {code for cle, code in mots.items() if code and _se_tiennent(plat, cle)}
    return trouves.pop() if len(trouves) == 1 else ""


def _se_tiennent(un: str, autre: str) -> bool:
    """True when one name begins the other, but for four letters too few to say anything."""
    court, long = sorted((un.removesuffix("s"), autre.removesuffix("s")), key=len)
    return len(court) >= 4 and long.startswith(court)


def doutes(lignes: pl.DataFrame, vue: Vue, connues: References) -> Iterator[str]:
    """What a known column holds that it should not, one sentence a column: few dates, few dwellings."""
    if vue.entete is None:
        return
    corps = lignes.filter(pl.col("ligne") > vue.entete.derniere_ligne)
    for champ, nom in vue.entete.colonnes.items():
        colonne, intitule = vue.table.colonnes[nom], vue.entete.vus[champ]
        pleines = corps[champ].drop_nulls().filter(corps[champ].drop_nulls().str.strip_chars() != "")
        if not pleines.len():
            continue
        if colonne.type == "date":
            lues = lire_cellules(pleines, lecteur_de(colonne, source_numerique=True), colonne)["canonique"].drop_nulls()
            if 2 * lues.len() < pleines.len():
                yield f"« {intitule} » ({nom}) a {lues.len()} dates sur {pleines.len()} cellules."
        elif nom in ("ident_rep", "ident_interne") and connues.ident_rep | connues.ident_int:
            part = sum(connues.tient(texte) for texte in pleines)
            if 2 * part < pleines.len():
                yield f"« {intitule} » ({nom}) : {part} logements retrouvés au RPLS sur {pleines.len()}."
