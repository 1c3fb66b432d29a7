"""What the cells below a heading look like, to propose a column for it: dwellings of the parc, dates, known words."""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from flows.contrat.schema import Colonne, Table, charger, normaliser_entete
from flows.contrat.typage import lecteur_de, lire_cellules
from flows.tables.entetes import Entete
from flows.tables.profils import appellations, mots_utiles

SUFFIT = 0.5
"""Share of the cells of a column that must be what a column is, to propose it."""
CELLULES_VUES = 500
RESSEMBLANCE = 0.75
JOUR_SEUL = r"^(?:[1-9]|[12]\d|3[01])(?:\.0)?$"
"""A day without its month, in a sheet that is a month."""
_DATE = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|^\d{4}-\d{2}-\d{2}"
_NOMBRES = ("entier", "decimal", "positif", "pourcentage", "annee")


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


def par_le_nom(intitule: str, table: Table, libres: Collection[str]) -> list[tuple[str, float]]:
    """The free columns that a heading may name, with how surely, the surest first: same words, then some of them."""
    mots = mots_utiles(intitule) - {"date", "numero"} or mots_utiles(intitule)
    notes: dict[str, float] = {}
    for autres, colonnes in appellations(table.nom).items():
        communs = len(mots & autres)
        note = 1.0 if mots == autres else 0.6 + 0.3 * communs / len(mots) if communs == len(autres) else 0.0
        if not note and communs:
            note = communs / len(mots | autres)
        for colonne in colonnes:
            if colonne in libres and note >= SUFFIT:
                notes[colonne] = max(note, notes.get(colonne, 0.0))
    plats = {normaliser_entete(texte): c.nom for c in table.colonnes.values() for texte in (c.nom, c.libelle)}
    plat = normaliser_entete(intitule)
    for proche in difflib.get_close_matches(plat, plats, n=3, cutoff=RESSEMBLANCE):
        note = difflib.SequenceMatcher(None, plat, proche).ratio() - 0.1  # letters say less than words
        if plats[proche] in libres:
            notes[plats[proche]] = max(note, notes.get(plats[proche], 0.0))
    rangs = {nom: rang for rang, nom in enumerate(table.colonnes)}
    return sorted(notes.items(), key=lambda nom_et_note: (-nom_et_note[1], rangs[nom_et_note[0]]))


def tient_dans(cellules: pl.Series, colonne: Colonne) -> bool:
    """True when these cells could be those of a column, by their form: dates for a date, numbers for a number."""
    pleines = cellules.drop_nulls().str.strip_chars()
    pleines = pleines.filter(pleines != "").head(CELLULES_VUES)
    if not pleines.len():
        return True
    if charger().tables[colonne.table].cle == (colonne.nom,) and 2 * pleines.n_unique() < pleines.len():
        return False  # what names each row is not the same on most of them
    dates = pleines.str.contains(_DATE).mean()
    if colonne.type == "date":
        return bool(dates >= SUFFIT or pleines.str.contains(JOUR_SEUL).mean() >= SUFFIT)  # type: ignore[operator]
    if dates >= SUFFIT or (colonne.nom == "mail" and not pleines.str.contains("@").any()):  # type: ignore[operator]
        return False
    if colonne.type in _NOMBRES:
        return _lisibles(pleines, colonne) >= SUFFIT
    return colonne.type not in ("siret", "siren") or _lisibles(pleines, colonne) >= SUFFIT


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
    """True when one name begins the other, or is the other when it has under four letters, too few to say anything."""
    court, long = sorted((un.removesuffix("s"), autre.removesuffix("s")), key=len)
    return court == long != "" or (len(court) >= 4 and long.startswith(court))


def doutes(lignes: pl.DataFrame, vue: Vue, connues: References, constantes: Collection[str] = ()) -> Iterator[str]:
    """What a known column holds that it should not, one sentence a column: few dates, few dwellings.

    Days alone are dates when a constant gives their month.
    """
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
            if nom not in constantes and 2 * lues.len() < pleines.len():
                yield f"« {intitule} » ({nom}) a {lues.len()} dates sur {pleines.len()} cellules."
        elif nom in ("ident_rep", "ident_interne") and connues.ident_rep | connues.ident_int:
            part = sum(connues.tient(texte) for texte in pleines)
            if 2 * part < pleines.len():
                yield f"« {intitule} » ({nom}) : {part} logements retrouvés au RPLS sur {pleines.len()}."
